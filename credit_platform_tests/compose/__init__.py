"""The platform as docker-compose.yml starts it, tried whole: `make test-compose`, on whatever engine docker reaches.

What is here: `stack.py` (a project of its own, started and taken down), and the tests, each leaving the stack well.
What to add here: another part that is stopped under load, or a page that must answer.
What must not be here: what the file alone says (`unit/images/test_compose.py`).
"""
