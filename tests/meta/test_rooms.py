"""The include table is kept, and each rule can fail."""

import pytest
import rooms

RULES = [rooms.unknown_rooms, rooms.wrong_includes, rooms.wrong_libraries, rooms.wrong_links, rooms.include_cycles,
         rooms.rooms_without_readme]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_project_keeps(rule, project):
    found = rule(project)
    assert not found, "\n".join(found)


def test_the_project_has_includes_to_judge(project):
    assert len(list(rooms.includes_of_rooms(project))) > 20


@pytest.mark.parametrize("rule, files, word", [
    (rooms.unknown_rooms, {"src/attic/a.cpp": ""}, "src/attic/"),
    (rooms.wrong_includes, {"src/base/a.hpp": '#include "vision/tracker.hpp"\n'}, "base may not include vision"),
    (rooms.wrong_includes, {"src/codec/a.cpp": '#include "engine/network.hpp"\n'}, "codec may not include engine"),
    (rooms.wrong_includes, {"src/vision/a.cpp": '#include "engine/openvino_engine.hpp"\n'}, "only engine/network.hpp"),
    (rooms.wrong_includes, {"src/vision/deep/a.cpp": '  #  include <app/output.hpp>\n'}, "vision may not include app"),
    (rooms.wrong_includes, {"src/vision/a.cpp": '#include "../engine/network.hpp"\n'}, "write the path from src/"),
    (rooms.wrong_includes, {"src/config/table.inc": '#include "codec/gate.hpp"\n'}, "config may not include codec"),
    (rooms.wrong_libraries, {"src/vision/a.hpp": "#include <opencv2/imgproc.hpp>\n"}, "include OpenCV"),
    (rooms.wrong_libraries, {"src/vision/a.hpp": "#include <openvino/openvino.hpp>\n"}, "include OpenVINO"),
    (rooms.wrong_libraries, {"src/vision/a.hpp": "#include <libavcodec/avcodec.h>\n"}, "include libav"),
    (rooms.wrong_libraries, {"src/app/a.cpp": "#include <openvino/openvino.hpp>\n"}, "only engine may"),
    (rooms.wrong_libraries, {"src/app/a.cpp": "#include <gtest/gtest.h>\n"}, "no room may"),
    (rooms.wrong_links, {"src/base/CMakeLists.txt": "storysign_room(base SOURCES a.cpp ROOMS vision LIBS x)"}, "links vision"),
    (rooms.include_cycles, {"src/base/a.hpp": '#include "base/b.hpp"\n', "src/base/b.hpp": '#include "base/a.hpp"\n'},
     "base/a.hpp -> base/b.hpp -> base/a.hpp"),
    (rooms.rooms_without_readme, {"src/base/a.hpp": ""}, "src/base/README.md"),
])
def test_rule_can_fail(rule, files, word, made_up):
    found = rule(made_up(files))
    assert len(found) == 1 and word in found[0]


def test_allowed_includes_pass(made_up):
    tree = made_up({
        "src/vision/a.cpp": '#include "vision/a.hpp"\n#include "base/result.hpp"\n#include "engine/network.hpp"\n',
        "src/vision/CMakeLists.txt": "storysign_room(vision SOURCES a.cpp ROOMS base engine LIBS fmt::fmt)",
        "src/vision/README.md": "",
    })
    assert [found for rule in RULES for found in rule(tree)] == []


def test_table_follows_the_data(root):
    """A row names only rooms above it, so the table has no way round."""
    above = []
    for room, others in rooms.ROOMS.items():
        assert set(others) <= set(above), room
        above.append(room)
    assert rooms.cycle({"a": ["b"], "b": ["a"]}) == ["a", "b", "a"]
