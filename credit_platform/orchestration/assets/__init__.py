"""Asset factories, one module per stage of the graph (design, section 4).

What is here: functions that take a `Portfolio` and `Settings` and return assets.
What to add here: a module for a new stage.
What must not be here: logic. An asset function names its inputs, calls a package below, attaches metadata.
"""
