-- Nothing is booked into a business date after its night was released.
-- Protects: RA-2: a closed period stays as it was reported; what comes later is booked in the open one.
-- Scope: all
-- Invariant: L9
select p.risk_carrier_id, p.account_id,
  format('event %s (kind %s, %s cents) is booked on %s and recorded at %s; the night of that date was released at %s', p.event_id, p.kind, p.cents, p.booking_date,
    p.recorded_at, r.released_at) as what
from run r join posting p on p.risk_carrier_id = r.risk_carrier_id and p.booking_date = r.business_date and p.recorded_at > r.released_at
