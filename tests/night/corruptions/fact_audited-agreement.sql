-- An agreement was registered, and no audit row tells who did it.
-- run: none
delete from audit where action = 'agreement registered' and body ->> 'number' = 'OVK-2';
