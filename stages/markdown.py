"""Markdown to Typst's markup: the report takes a section of the user's (exercise 4.1.1)."""

import json

from markdown_it import MarkdownIt
from markdown_it.token import Token

from lookingglass.errors import InputError

MARKS = {"em_open": "#emph[", "strong_open": "#strong["}
MARKS |= dict.fromkeys(("em_close", "strong_close", "link_close"), "]")


def literal(text: str) -> str:
    """A text that Typst takes as it is, whatever its signs mean in markup."""
    return f"#{json.dumps(text, ensure_ascii=False)};"


def inline(tokens: list[Token], source: str) -> str:
    """The markup of a line's pieces."""
    found = []
    for token in tokens:
        match token.type:
            case "text":
                found.append(literal(token.content))
            case "softbreak" | "hardbreak":
                found.append(" " if token.type == "softbreak" else " \\ ")
            case "code_inline":
                found.append(f"#raw({json.dumps(token.content, ensure_ascii=False)});")
            case "link_open":
                found.append(f"#link({json.dumps(token.attrs['href'])})[")
            case kind if kind in MARKS:
                found.append(MARKS[kind])
            case "html_inline" if token.content.startswith("<!--"):
                pass
            case kind:
                raise InputError(f"{source}: {kind.removesuffix('_open')}: is not supported")
    return "".join(found)


def to_typst(text: str, source: str) -> str:
    """The markup of a Markdown text; nothing if it is empty but for comments.

    Raises InputError for what it does not know: pictures, tables, HTML.
    """
    lines: list[str] = []
    lists: list[str] = []  # the kinds of the lists that a line is in
    begin = ""  # what the next line begins with
    for token in MarkdownIt("commonmark").parse(text):
        match token.type:
            case "heading_open":
                begin = "=" * int(token.tag[1:]) + " "
            case "bullet_list_open":
                lists.append("-")
            case "ordered_list_open":
                lists.append("+")
            case "bullet_list_close" | "ordered_list_close":
                lists.pop()
            case "list_item_open":
                begin = "  " * (len(lists) - 1) + lists[-1] + " "
            case "inline":
                indent = "" if begin else "  " * len(lists)
                lines.append(begin + indent + inline(token.children or [], source))
                begin = ""
            case "fence" | "code_block":
                code = json.dumps(token.content.rstrip("\n"), ensure_ascii=False)
                lines.append("  " * len(lists) + f"#raw({code}, block: true)")
            case "paragraph_open" | "paragraph_close" | "heading_close" | "list_item_close":
                pass
            case "html_block" if token.content.lstrip().startswith("<!--"):
                pass
            case kind:
                raise InputError(f"{source}: {kind.removesuffix('_open')}: is not supported")
    return "\n\n".join(lines)
