"""Log lines: one JSON object for each event, in a rotating file of the home and on standard output.

What is here: `levels.py` (`CREDIT_PLATFORM_LOG_LEVEL`), `lines.py` (the form, and what lines of one piece of work have
in common), `places.py` (where lines go), `programs.py` (what a program, a command or a run does to have them),
`foreign.py` (what programs of others print, in the same form).
What to add here: another place for lines, another program's form.
What must not be here: what happened (whoever knows it logs it), rotation of files (`files/process_logs.py`), and
anything beyond the standard library: the service ships this package.
"""
