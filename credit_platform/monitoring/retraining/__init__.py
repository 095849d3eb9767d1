"""Whether the champion is to be trained again, on whom, and what becomes of them when they are erased.

What is here: `evidence.py` (what decides, with its hash), `gathering.py` (the evidence of a home), `rule.py` (the
answer: none, suggest or refit), `words.py` (the reason in English and French), `inputs.py` (whom the log can train on),
`admitting.py` (the decided applicants of a refit), `forgetting.py`, `records.py`, `judges.py`.
What to add here: another ground for training again, as a line of the rule with its words and a case in its test.
What must not be here: measuring drift or performance, training, promoting: a challenger goes through the gate.
"""
