"""Rules for the documents. A rule returns a list of sentences, empty if the tree keeps it."""

import posixpath
import re
from urllib.parse import unquote

FENCE = re.compile(r"^(```|~~~).*?^\1\s*$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"!?\[(?:[^\[\]]|\[[^\]]*\])*\]\(\s*<?([^)\s>]+)>?(?:\s+\"[^\"]*\")?\s*\)")
IMAGE = re.compile(r"!\[([^\]]*)\]\(")
HEADING = re.compile(r"^#{1,6}\s+(.+?)\s*#*\s*$", re.MULTILINE)


def anchor_of(heading):
    """The anchor that renderers make of a heading."""
    text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).replace("`", "").lower()
    return re.sub(r"[^\w\- ]", "", text).replace(" ", "-")


def anchors_in(text):
    seen, anchors = {}, set(re.findall(r'<a (?:id|name)="([^"]+)"', text))
    for heading in HEADING.findall(FENCE.sub("", text)):
        anchor = anchor_of(heading)
        count = seen.get(anchor, 0)
        seen[anchor] = count + 1
        anchors.add(anchor if count == 0 else f"{anchor}-{count}")
    return anchors


def broken_links(tree):
    files = set(tree.files())
    folders = {"/".join(name.split("/")[:depth]) for name in files for depth in range(1, name.count("/") + 1)}
    wrong = []
    for name in tree.files(".md"):
        text = re.sub(r"`[^`\n]*`", "", FENCE.sub("", tree.text(name)))
        for target in LINK.findall(text):
            if re.match(r"[a-z][a-z0-9+.-]*:", target):
                continue
            path, _, anchor = unquote(target).partition("#")
            where = posixpath.normpath(posixpath.join(posixpath.dirname(name), path)) if path else name
            if where not in files and where.rstrip("/") not in folders and where != ".":
                wrong.append(f"{name} links {target}, which does not exist")
            elif anchor and where.endswith(".md") and anchor not in anchors_in(tree.text(where)):
                wrong.append(f"{name} links {target}, but {where} has no heading of that name")
    return wrong


def pictures_without_words(tree):
    return [f"{name} shows a picture without saying in words what is on it" for name in tree.files(".md")
            for words in IMAGE.findall(FENCE.sub("", tree.text(name))) if len(words.split()) < 3]


def changelog_without_section(tree):
    if "CHANGELOG.md" not in tree.files():
        return ["CHANGELOG.md is missing"]
    sections = re.split(r"^## ", tree.text("CHANGELOG.md"), flags=re.MULTILINE)[1:]
    named = [section for section in sections if re.match(r"\[?(Unreleased|\d+\.\d+\.\d+)\]?", section)]
    if not named:
        return ["CHANGELOG.md has neither an Unreleased section nor one of a version"]
    return [] if re.search(r"^- ", named[0], re.MULTILINE) else ["the newest section of CHANGELOG.md has no entry"]


def documents_missing(tree):
    wanted = ["README.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md", "LICENSE", "NOTICE"]
    return [f"{name} is missing" for name in wanted if name not in tree.files()]


def commands_not_shown(tree):
    """The two commands stand on the first screen of README.md (40 lines)."""
    first = "\n".join(tree.text("README.md").splitlines()[:40]) if "README.md" in tree.files() else ""
    return [f"README.md does not show `{command}` on its first screen" for command in ("make serve", "make test")
            if command not in first]


def notice_incomplete(tree, artifacts):
    """NOTICE names every artifact that the set-up fetches and every model file it unpacks."""
    text = tree.text("NOTICE") if "NOTICE" in tree.files() else ""
    names = [artifact["name"] for artifact in artifacts]
    names += [path.split("/")[-1] for artifact in artifacts for path in artifact.get("models", {})]
    return [f"NOTICE does not name {name}" for name in names if name not in text]
