"""Asset check factories, one module per stage; blocking where what is not good enough must stop.

What is here: functions that take a `Portfolio` and return asset checks which read the stored table they judge;
`together.py` makes several of one table a single step.
What to add here: a check. Its metadata carries expected and actual values even when it passes.
What must not be here: the statistics themselves; they live in `quality`, `features`, `modelling` and `governance`.
"""
