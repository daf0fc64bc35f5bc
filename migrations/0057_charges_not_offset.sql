-- 0057 A claim of which only costs or interest are open, which its reason does not offset, gets an answer that says so: before, "used up by earlier claims".

insert into decision_answer values (36, 'charges not offset', 'Er staan alleen nog kosten of rente open; die worden niet verrekend',
  'Only costs or interest are still open; they are not offset');
