"""The pages of the console.

What is here: one module for each page, with a function `show`, and `parts.py` for what several pages draw.
What to add here: a page; name it in `app.py`.
What must not be here: words (`console.texts`), HTTP (`serving.service_client`), reading of tables
(`console.tables`).
"""
