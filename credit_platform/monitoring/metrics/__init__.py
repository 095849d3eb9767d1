"""What every metric of the platform is called and means, by who tells it.

What is here: `metric.py` (what is said of a metric), and a list each for the service (`service.py`), for what Dagster
does (`pipeline.py`) and for what the tables say (`model.py`). `metric_catalogue.py` beside this room joins them.
What to add here: a metric, before anything sends it.
What must not be here: measuring, and any library: the service carries this room.
"""
