"""``python -m tools.pages``: rewrite the generated parts of the docs."""

from tools.pages import pages, render

for page in pages():
    before = page.read_text(encoding="utf-8")
    after = render(before)
    if after != before:
        page.write_text(after, encoding="utf-8")
    print(f"{page.name}: {'unchanged' if after == before else 'rewritten'}")
