"""The container images of `docker/`: built, measured, tried together.

What is here: `engine.py` (the program `docker`), `build.py` (build all or some of them), `sizes.py` (what they weigh),
`sboms.py` (what is in them), `reproduce.py` (whether two builds are the same), `secrets.py` (what compose reads),
`scan.py` (known mistakes).
What to add here: another image of ours, in `IMAGES` of `build.py` with its limits.
What must not be here: what is in an image; that is `docker/<name>.Dockerfile`.
"""
