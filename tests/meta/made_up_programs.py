"""Programs that a test of the set-up puts in the place of the real ones."""


def make_programs(folder, bodies, real=()):
    """A folder for PATH: `bodies` maps names to Bash, `real` names what is taken from /bin."""
    folder.mkdir()
    for name, body in bodies.items():
        (folder / name).write_text(f"#!/bin/bash\n{body}\n", encoding="utf-8")
        (folder / name).chmod(0o755)
    for tool in real:
        (folder / tool).symlink_to(f"/bin/{tool}")
