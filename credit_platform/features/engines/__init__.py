"""Who carries out the stages of a feature group: three engines for one declaration.

What is here:
    tables          `frames.py`: stages on the data frames that are handed in, Polars or Spark.
    one applicant   `engine.py` is the protocol. `direct/`: plain operations on Python values and NumPy arrays;
                    `native.py`: Polars, for what `direct/` does not know; `choice.py`: which of them takes what.
    all of them     `parts.py`: what an expression is made of.
What to add here: another engine, behind `engine.py`, that gives what Polars gives, with tests that compare the two.
What must not be here: a feature, reading a request, a rule of its own (`finiteness.py`, above, judges NaN).
"""
