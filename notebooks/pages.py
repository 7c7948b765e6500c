"""Write an executed notebook as one HTML page that needs no network."""

import re
from pathlib import Path

if __package__:
    from . import build
else:  # imported by a script of this folder
    import build

NO_TEXT = "No description has been provided for this image"  # what nbconvert puts where a picture has no text
HEADS = ("html_head_js", "html_head_js_mathjax", "html_head_js_mermaidjs", "jupyter_widgets")


def export(notebook, path: Path) -> int:
    """Write a notebook with its outputs as a page; pictures and sound are inside.

    Parameters
    ----------
    notebook : nbformat.NotebookNode
        Executed, or not.
    path : Path
        The page; replaced whole or not at all.

    Returns
    -------
    int
        How many pictures have no text for those who cannot see them.

    Notes
    -----
    nbconvert's page would fetch require.js, MathJax and mermaid from the network. Nothing here uses them (formulas
    stand as code, see rules.py), so the blocks that do it are left empty.
    """
    from nbconvert.exporters import HTMLExporter

    empty = "".join(f"{{% block {head} %}}{{% endblock {head} %}}" for head in HEADS)
    exporter = HTMLExporter(raw_template="{% extends 'lab/index.html.j2' %}" + empty, embed_images=True)
    exporter.log.setLevel("ERROR")  # it would also print the number that is returned here
    title = re.match(r"# (.+)", notebook.cells[0].source) if notebook.cells else None
    notebook.metadata["title"] = title[1] if title else path.stem
    html, _ = exporter.from_notebook_node(notebook, resources={"metadata": {"path": str(path.parent)}})
    build.write(path, html)
    return html.count(NO_TEXT)
