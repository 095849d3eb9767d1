"""The page at `/docs` that shows the OpenAPI document.

What is here: the page, its script, and where its assets come from.
What to add here: help for a person who reads the page.
What must not be here: anything loaded from another site: banks run this offline.
"""

from __future__ import annotations

from pathlib import Path

import bentoml

DOCS_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>Credit scoring service</title>
<link rel="stylesheet" href="docs/assets/swagger-ui.css">
</head>
<body>
<div id="swagger-ui"></div>
<script src="docs/assets/swagger-ui-bundle.js"></script>
<script src="docs/start.js"></script>
</body>
</html>
"""
DOCS_SCRIPT = 'SwaggerUIBundle({url: "openapi.json", dom_id: "#swagger-ui", deepLinking: true});\n'


def assets_folder() -> Path:
    """Folder with Swagger UI, which BentoML ships; a test pins that it is still there."""
    return Path(bentoml.__file__).parent / "_internal" / "server" / "static_content"
