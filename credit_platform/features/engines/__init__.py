"""Who carries out the stages of a feature group: three engines for one declaration.

What is here:
    frames   tables, on the data frames that are handed in (Polars or Spark): `stages.apply_stage`.
    direct/  one applicant, as plain operations on Python values and NumPy arrays.
    native   one applicant, with Polars expressions converted once: what `direct/` does not know.
What to add here: another engine that gives what Polars gives.
What must not be here: a feature, a rule of its own.
"""
