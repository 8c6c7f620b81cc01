"""Rules for the documents are kept, and each rule can fail."""

import json

import documents
import pytest

RULES = [documents.broken_links, documents.pictures_without_words, documents.changelog_without_section,
         documents.documents_missing, documents.commands_not_shown]
ALL = {name: "" for name in ("README.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md", "LICENSE")}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_project_keeps(rule, project):
    found = rule(project)
    assert not found, "\n".join(found)


@pytest.mark.parametrize("rule, files, word", [
    (documents.broken_links, {"a.md": "[x](missing.md)"}, "missing.md"),
    (documents.broken_links, {"docs/a.md": "[x](../b.md#nowhere)", "b.md": "# Here\n"}, "no heading"),
    (documents.broken_links, {"a.md": "[x](#nowhere)\n# Here\n"}, "no heading"),
    (documents.broken_links, {"a.md": "![a fine picture](docs/images/a.png)"}, "docs/images/a.png"),
    (documents.pictures_without_words, {"a.md": "![](https://example.org/a.png)"}, "in words"),
    (documents.changelog_without_section, {"CHANGELOG.md": "# Changelog\n"}, "neither"),
    (documents.changelog_without_section, {"CHANGELOG.md": "# Changelog\n\n## Unreleased\n"}, "no entry"),
    (documents.changelog_without_section, {"a.md": ""}, "missing"),
    (documents.documents_missing, ALL, "NOTICE"),
    (documents.commands_not_shown, {"README.md": "make serve" + "\n" * 50 + "make test"}, "make test"),
])
def test_rule_can_fail(rule, files, word, made_up):
    found = rule(made_up(files))
    assert len(found) == 1 and word in found[0]


def test_links_that_exist_pass(made_up):
    tree = made_up({
        "README.md": "[a](docs/) [b](docs/a.md#two-words) [c](#top) [d](https://example.org) `[e](no.md)`\n# Top\n",
        "docs/a.md": "## Two words\n```\n[f](no.md)\n```\n[up](../README.md \"title\")\n",
    })
    assert documents.broken_links(tree) == []


def test_notice_names_what_the_setup_fetches(project, root):
    artifacts = json.loads((root / "setup" / "artifacts.json").read_text(encoding="utf-8"))["artifacts"]
    assert documents.notice_incomplete(project, artifacts) == []


def test_notice_rule_can_fail(made_up):
    artifacts = [{"name": "engine", "models": {"folder/one.tflite": "0"}}]
    assert documents.notice_incomplete(made_up({"NOTICE": "engine"}), artifacts) == ["NOTICE does not name one.tflite"]
