"""Who is told when something goes wrong, and when it is over.

What is here: `incidents.py` (the memory of a home: what is wrong, told once whoever noticed it first), `schema.py` (its
tables), `channels.py`, `mail.py` and `pager.py` (ways to tell), `chosen.py` (those that the settings ask for),
`problems.py` (what is noticed, and what people read), `telling.py` (what is due, to whom, and what becomes of a way
that fails), `receiver.py` (Alertmanager's webhook), `history.py` (incidents as rows of a table) with `judges.py`.
What to add here: another way to tell: a `Channel`, and its line in `chosen.py`.
What must not be here: what is wrong (Dagster's side is `orchestration/watching.py`), words of commands.
"""
