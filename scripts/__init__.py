"""Tools of the project itself: what `make` and CI run around the package.

What is here: finding a Python, uv with pip's configuration, the checks of the docs and of the house rules,
pictures for the docs (`pictures.py`).
What to add here: a script that a make target calls; its tests are in `credit_platform_tests/unit/test_project.py`.
What must not be here: anything that the platform needs when it runs; this folder is not in the wheel.
"""
