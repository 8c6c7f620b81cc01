"""The include table: which room of src/ may include what. This is the one place where it is written down for the tests.

A rule returns a list of sentences, empty if the tree keeps it.
"""

import re

# room: the rooms whose headers it may include (its own always). Data flows from top to bottom.
ROOMS = {
    "base": [],
    "telemetry": ["base"],
    "config": ["base"],
    "codec": ["base"],
    "engine": ["base"],
    "vision": ["base", "engine"],
    "wire": ["base", "vision"],
    "flow": ["base", "vision"],
    "render": ["base", "vision"],
    "adapt": ["base"],
    "practice": ["base", "engine", "vision"],
    "pipeline": ["base", "telemetry", "codec", "engine", "vision", "flow", "render"],
    "store": ["base", "telemetry"],
    "auth": ["base", "store"],
    "session": ["base", "telemetry", "codec", "vision", "wire", "adapt", "practice", "pipeline",
                "store"],
    "home": ["base", "engine", "vision", "flow", "wire", "adapt", "session"],
    "server": ["base", "telemetry", "wire", "store", "auth", "session"],
    "app": ["base", "telemetry", "config", "codec", "engine", "vision", "flow", "wire", "render", "adapt", "practice",
            "pipeline", "store", "auth", "session", "server"],
}

# Where a row names a room but means only some of its headers.
ONLY_HEADERS = {
    # vision is compiled to WebAssembly too: it sees the interface of engine, not what runs it.
    ("vision", "engine"): ["engine/network.hpp", "engine/models.hpp", "engine/face_attention.hpp"],
    # render draws what vision found: the types, not the stages behind them.
    ("render", "vision"): ["vision/landmarks.hpp"],
    # practice judges what vision found, and reads letters with a network of its own.
    ("practice", "vision"): ["vision/landmarks.hpp"],
    ("practice", "engine"): ["engine/network.hpp", "engine/models.hpp"],
    # The wire carries what was found, the session says how sure it is: the types as well.
    ("wire", "vision"): ["vision/landmarks.hpp"],
    # And how often the networks are to run.
    ("session", "vision"): ["vision/landmarks.hpp", "vision/fast_rules.hpp"],
    # home drives the networks at the server's pace, and has no sessions.
    ("home", "session"): ["session/pace.hpp"],
    ("home", "engine"): ["engine/network.hpp", "engine/models.hpp"],
    # Names and qualities of the strategies that it chooses from.
    ("session", "codec"): ["codec/encoder.hpp"],
    ("flow", "vision"): ["vision/optical_flow.hpp"],
    # Rows and the way to them; what keeps them is for app to choose.
    ("session", "store"): ["store/store.hpp"],
    ("server", "store"): ["store/store.hpp"],
    ("auth", "store"): ["store/store.hpp"],
}

# Libraries that stay inside the rooms named. A library without a line may be used anywhere.
LIBRARIES = {
    "OpenVINO": (r"openvino/", ["engine"]),
    "OpenCV": (r"opencv2/|opencv4/", []),
    "libav": (r"lib(av\w+|sw\w+|postproc)/", ["app"]),
    "libjpeg-turbo": (r"(turbojpeg|jpeglib|jerror|jmorecfg)\.h$", ["codec"]),
    "yaml-cpp": (r"yaml-cpp/", ["config"]),
    "CLI11": (r"CLI/|CLI11", ["app"]),
    "OpenSSL": (r"openssl/", ["engine", "store", "auth", "server"]),
    "argon2": (r"argon2\.h$", ["auth"]),
    "simdjson": (r"simdjson", ["wire"]),
    "SQLite": (r"sqlite3", ["store"]),
    "libpq": (r"(postgresql/)?(libpq-fe|pg_\w+)\.h$", ["store"]),
    "prometheus-cpp": (r"prometheus/", ["telemetry"]),
    "spdlog": (r"spdlog/", ["telemetry"]),
    "Boost": (r"boost/", ["server", "app"]),
    "GoogleTest": (r"(gtest|gmock)/", []),
}

SOURCE = (".cpp", ".hpp", ".inc", ".h")
INCLUDE = re.compile(r'^\s*#\s*include\s*(?:"([^"]+)"|<([^>]+)>)', re.MULTILINE)


def includes_of_rooms(tree):
    """(room, file, included path) of every include under src/."""
    for name in tree.files():
        parts = name.split("/")
        if parts[0] == "src" and len(parts) > 2 and name.endswith(SOURCE):
            for quoted, angled in INCLUDE.findall(tree.text(name)):
                yield parts[1], name, quoted or angled


def unknown_rooms(tree):
    found = {name.split("/")[1] for name in tree.files() if name.startswith("src/") and name.count("/") > 1}
    return [f"src/{room}/ has no row in tests/meta/rooms.py" for room in sorted(found - set(ROOMS))]


def wrong_includes(tree):
    wrong = []
    for room, file, path in includes_of_rooms(tree):
        other = path.split("/")[0]
        if path.startswith(("../", "./")) or "/../" in path:
            wrong.append(f"{file} includes {path}; write the path from src/")
        elif "/" in path and other in ROOMS and other != room:
            if other not in ROOMS.get(room, []):
                wrong.append(f"{file} includes {path}, but {room} may not include {other}")
            elif path not in ONLY_HEADERS.get((room, other), [path]):
                wrong.append(f"{file} includes {path}, but {room} may include only "
                             f"{', '.join(ONLY_HEADERS[room, other])} of {other}")
    return wrong


def wrong_libraries(tree):
    wrong = []
    for room, file, path in includes_of_rooms(tree):
        for library, (pattern, allowed) in LIBRARIES.items():
            if re.match(pattern, path) and room not in allowed:
                where = f"only {', '.join(allowed)} may" if allowed else "no room may"
                wrong.append(f"{file} includes {path}, but {where} include {library}")
    return wrong


def wrong_links(tree):
    """Rooms that CMake links against the table: ROOMS in storysign_room(...) must be allowed as well."""
    wrong = []
    for name in tree.files():
        if re.fullmatch(r"src/\w+/(\w+/)*CMakeLists\.txt", name):
            room = name.split("/")[1]
            for call in re.findall(r"storysign_room\(([^)]*)\)", tree.text(name)):
                words = call.split()
                if "ROOMS" not in words:
                    continue
                for other in words[words.index("ROOMS") + 1:]:
                    if other.isupper():
                        break
                    if other not in ROOMS.get(room, []):
                        wrong.append(f"{name} links {other}, but {room} may not include {other}")
    return wrong


def cycle(edges):
    """A way round in a graph {node: [nodes]}, as a list of nodes, or None."""
    done, path = set(), []

    def visit(node):
        if node in path:
            return path[path.index(node):] + [node]
        if node in done:
            return None
        path.append(node)
        for other in edges.get(node, []):
            if (found := visit(other)) is not None:
                return found
        path.pop()
        done.add(node)
        return None

    for node in edges:
        if (found := visit(node)) is not None:
            return found
    return None


def include_cycles(tree):
    """Headers that include each other, in or across rooms, and rooms whose rows do."""
    edges = {}
    for _, file, path in includes_of_rooms(tree):
        edges.setdefault(file.removeprefix("src/"), []).append(path)
    return [f"{what} include each other: {' -> '.join(found)}"
            for what, graph in (("headers", edges), ("rooms of the table", ROOMS)) if (found := cycle(graph)) is not None]


def rooms_without_readme(tree):
    files = set(tree.files())
    rooms = {name.split("/")[1] for name in files if name.startswith("src/") and name.count("/") > 1}
    return [f"src/{room}/README.md is missing" for room in sorted(rooms) if f"src/{room}/README.md" not in files]
