"""What stands between a trained model and a customer: the promotion gate and its record.

What is here: `gate` judges a challenger by its out-of-sample `evidence` and answers with a `decision` that says who,
when, what and why.
What to add here: explanations of a model, fairness by group, scorecard points, the model card and the validation
report, a module each, made from measured facts only; and a check of the gate for each duty that they serve.
What must not be here: training, choosing among candidates (`modelling`), acting on a decision (`orchestration`),
Dagster, MLflow.
"""
