"""Practice over the WebSocket: stories, attempts, signs that a teacher records, words that are spelled."""

import json

import jsonschema
import pytest

from client_messages import raw_frame
from practice_support import FPS, STEADY, STILL, Learner, as_attempt, record, takes_of
from server_support import receive

pytestmark = pytest.mark.alone


@pytest.fixture(scope="module")
def takes(shared, tmp_path_factory):
    """takes(gloss) -> three lists of JPEGs."""
    folder = tmp_path_factory.mktemp("takes")

    def of(gloss):
        return takes_of(shared / f"data/clips/{gloss}.mkv", folder)

    return of


@pytest.fixture(scope="module")
def school(program, tmp_path_factory, takes):
    """A server whose teacher has recorded two signs; (server, takes of each)."""
    from server_support import Server

    server = Server(program, tmp_path_factory.mktemp("school"), **STEADY)
    clips = {gloss: takes(gloss.lower()) for gloss in ("EAT", "PLEASE")}
    teacher = Learner(server)
    for gloss, of in clips.items():
        answer = record(teacher, gloss, of)
        assert answer == {"success": True, "gloss": gloss, "examples": 3}, answer
    teacher.close()
    yield server, clips
    server.close()


@pytest.fixture
def learner(school):
    learner = Learner(school[0])
    yield learner
    learner.close()


def begin(learner, *glosses, **data):
    return learner.control("start_session", story_sentences=["One sentence."], glosses=[list(glosses)], **data)


def test_a_right_sign_is_accepted_and_another_is_told_why_not(school, learner):
    server, clips = school
    started = begin(learner, "EAT", "PLEASE")
    assert started["success"] and started["practice_mode"] == "listening" and started["total_sentences"] == 1
    assert [item["target"] for item in started["practice_session"]["items"]] == ["EAT", "PLEASE"]
    learner.sign(as_attempt(clips["EAT"][2]))
    right = learner.feedback()
    summary = right["data"]["analysis_summary"]
    assert summary["accepted"] and summary["target"] == "EAT" and not summary["sentence_done"], right
    assert right["metadata"]["analysis_success"] and right["data"]["confidence_score"] >= 0.5
    assert learner.control("try_again")["practice_session"]["current_item"] == 1
    learner.sign(as_attempt(clips["EAT"][0]))
    wrong = learner.feedback()
    summary = wrong["data"]["analysis_summary"]
    assert not summary["accepted"] and summary["likelier"] == "EAT", wrong
    assert summary["findings"] and wrong["data"]["suggestions"] == [finding["sentence"] for finding in summary["findings"]]
    assert "PLEASE" in wrong["data"]["feedback"] and wrong["metadata"]["attempt_id"] != right["metadata"]["attempt_id"]
    stored = {row["attempt_id"]: row for row in server.get_json("/api/attempts?limit=50")["attempts"]}
    assert stored[right["metadata"]["attempt_id"]]["accepted"] and not stored[wrong["metadata"]["attempt_id"]]["accepted"]
    progress = server.get_json("/api/progress")
    assert {(item["kind"], item["target"]) for item in progress["items"]} >= {("sign", "EAT"), ("sign", "PLEASE")}


def test_practice_costs_a_frame_next_to_nothing(school, learner):
    """Between a frame's result and its answer; judging goes on beside the frames. The limit is the requirement's, many times what is seen."""
    server, clips = school
    begin(learner, "EAT")
    learner.sign(as_attempt(clips["EAT"][0]))
    learner.feedback()
    figures = dict(line.rsplit(" ", 1) for line in server.admin("GET", "/metrics")[1].splitlines() if line.startswith("storysign_practice_time"))
    mean = 1000 * float(figures["storysign_practice_time_seconds_sum"]) / float(figures["storysign_practice_time_seconds_count"])
    print(f"practice: {mean:.3f} ms a frame")
    assert 0 < mean < 1


def test_the_way_through_a_story(learner):
    assert learner.control("next_sentence")["error"].startswith("No practice session is active")
    assert learner.control("start_session") == {"success": False, "error": "No session data provided"}
    assert learner.control("start_session", story_title="A")["error"] == "No story sentences provided"
    assert "letters" in learner.control("start_session", story_sentences=["..."])["error"]
    assert "handedness" in learner.control("start_session", story_sentences=["Eat."], handedness="both")["error"]
    started = learner.control("start_session", story_sentences=["Eat, please.", "Anna eats."], story_title="Lunch")
    assert started["current_sentence"] == "Eat, please." and started["current_sentence_index"] == 0
    second = learner.control("next_sentence")
    assert second["is_last_sentence"] and second["current_sentence"] == "Anna eats." and second["practice_mode"] == "listening"
    kinds = [(item["kind"], item["target"]) for item in second["practice_session"]["items"]]
    assert kinds == [("letters", "ANNA"), ("sign", "EAT")]
    assert second["practice_session"]["spelling"]["next"] == "A"
    assert learner.control("try_again", item=1)["practice_session"]["current_item"] == 1
    assert "no item 7" in learner.control("try_again", item=7)["error"]
    assert learner.control("restart_story")["current_sentence_index"] == 0
    learner.control("next_sentence")
    over = learner.control("next_sentence")
    assert over["action"] == "story_completed" and over["total_sentences"] == 2
    done = learner.control("complete_story")
    assert done["practice_mode"] == "completed" and done["action"] == "story_completed"
    complete = learner.wait_for(lambda m: m["type"] == "session_complete")["data"]
    assert complete["overall_score"] == 0 and "nothing was signed" in complete["completion_message"]
    assert learner.control("stop_session")["action"] == "session_stopped"
    assert not learner.control("complete_story")["success"]


def test_who_was_cut_off_goes_on_where_they_were(school):
    server, clips = school
    learner = Learner(server)
    learner.control("start_session", story_sentences=["Eat.", "Eat, please."], glosses=[["EAT"], ["EAT", "PLEASE"]])
    learner.control("next_sentence")
    learner.sign(as_attempt(clips["EAT"][1]))
    assert learner.feedback()["data"]["analysis_summary"]["accepted"]
    learner.control("set_handedness", handedness="right")
    before = learner.greeting["session_id"]
    learner.close()
    again = Learner(server)
    resumed = again.control("resume_session", session_id=before)
    assert resumed["success"] and resumed["attempts"] == 1, resumed
    session = resumed["practice_session"]
    assert session["current_sentence_index"] == 1 and session["current_item"] == 1
    assert [item["accepted"] for item in session["items"]] == [True, None]
    again.close()


def test_messages_of_the_json_protocol_keep_to_the_schema(school):
    server, clips = school
    validator = jsonschema.Draft202012Validator(server.get_json("/schema.json"))
    with server.connect() as client:
        client.send(json.dumps({"type": "control", "action": "start_session",
                                "data": {"story_sentences": ["Eat, Bo."], "glosses": [["EAT", "BO"]]}}))
        reply = receive(client)
        validator.validate(reply)
        assert reply["type"] == "practice_session_response" and reply["action"] == "session_started"
        modes, flags, feedback = set(), set(), None
        for number, picture in enumerate(as_attempt(clips["EAT"][0]), 1):
            client.send(raw_frame(picture, number, answer_mode="landmarks", every_frame=True))
            while True:
                message = receive(client)
                validator.validate(message)
                if message["type"] == "processed_frame":
                    break
                feedback = message if message["type"] == "asl_feedback" else feedback
            session = message["practice_session"]
            detection = message["metadata"]["gesture_detection"]
            assert detection["practice_mode"] == session["practice_mode"]
            assert detection["buffer_size"] == session["gesture_state"]["buffer_size"]
            modes.add(session["practice_mode"])
            flags |= {key for key in ("gesture_started", "gesture_completed", "analysis_triggered") if key in session}
        client.send(json.dumps({"type": "control", "action": "stop_session", "data": {}}))
        while (message := receive(client))["type"] != "control_response":
            feedback = message if message["type"] == "asl_feedback" else feedback
        # Frames come as fast as they are answered here, not at the clip's pace; a gesture may be too quick to count.
        assert modes >= {"listening", "detecting"} and "gesture_started" in flags
        if feedback is not None:
            validator.validate(feedback)
        client.send(raw_frame(picture, 1, answer_mode="landmarks"))
        assert "practice_session" not in receive(client)


def test_what_a_teacher_may_get_wrong(school, learner):
    _, clips = school
    assert "No sign is being recorded" in learner.control("save_sign")["error"]
    assert "gloss" in learner.control("record_sign", gloss="!!")["error"]
    started = learner.control("record_sign", gloss="lunch time")
    assert started["gloss"] == "LUNCH-TIME" and started["practice_mode"] == "recording" and not started["replaces"]
    assert "stop_recording" in begin(learner, "EAT")["error"]
    learner.sign(as_attempt(clips["EAT"][0]))
    example = learner.example()
    assert example["usable"] and example["likeness"] is None and example["gloss"] == "LUNCH-TIME"
    learner.sign(as_attempt(clips["EAT"][1]))
    assert learner.example()["likeness"] > 0.3
    assert "at least 3 usable examples" in learner.control("save_sign")["error"]
    assert "eyebrows" in learner.control("save_sign", non_manual={"ears": "up"})["error"]
    assert not learner.control("drop_example", example_id="none")["success"]
    assert learner.control("drop_example", example_id=example["example_id"])["examples"] == 1
    assert learner.control("stop_recording")["success"]
    assert begin(learner, "LUNCH-TIME")["practice_session"]["items"][0]["kind"] == "letters", "it was never saved"
    assert "stop_session" in learner.control("record_sign", gloss="EAT")["error"]


def test_signs_and_progress_survive_a_restart(program, tmp_path, takes):
    from server_support import Server

    state = tmp_path / "state"
    eat = takes("eat")
    server = Server(program, tmp_path, store__directory=state, **STEADY)
    teacher = Learner(server)
    assert record(teacher, "EAT", eat)["success"]
    begin(teacher, "EAT")
    teacher.sign(as_attempt(eat[0]))
    attempt = teacher.feedback()["metadata"]["attempt_id"]
    teacher.close()
    server.close()
    server = Server(program, tmp_path, store__directory=state, **STEADY)
    try:
        assert [row["attempt_id"] for row in server.get_json("/api/attempts?limit=5")["attempts"]] == [attempt]
        assert server.get_json("/api/progress")["items"][0]["target"] == "EAT"
        learner = Learner(server)
        begin(learner, "EAT")
        learner.sign(as_attempt(eat[1]))
        assert learner.feedback()["data"]["analysis_summary"]["accepted"]
        learner.close()
    finally:
        server.close()


@pytest.mark.parametrize("key, value", [("enabled", "false"), ("velocity_threshold", "100"), ("min_gesture_duration_ms", "3000")])
def test_keys_that_keep_an_attempt_from_being_one(serve, takes, key, value):
    eat = takes("eat")[0]
    learner = Learner(serve(**{f"gesture_detection__{key}": value}))
    learner.control("start_session", story_sentences=["Eat."], items=[[{"kind": "sign", "target": "EAT"}]])
    learner.sign(as_attempt(eat))
    session = learner.control("try_again")["practice_session"]
    assert session["gesture_state"]["enabled"] == (key != "enabled")
    assert not [m for m in learner.messages if m["type"] == "asl_feedback"]
    learner.close()


def test_keys_of_the_buffer_the_window_and_the_pause(serve, takes):
    eat = takes("eat")[0]
    most, pauses = {}, {}
    for buffer, window, pause in ((100, 5, 1000), (20, 8, 400)):
        learner = Learner(serve(gesture_detection__landmark_buffer_size=buffer, gesture_detection__smoothing_window=window,
                                gesture_detection__pause_duration_ms=pause))
        learner.control("start_session", story_sentences=["Eat."], items=[[{"kind": "sign", "target": "EAT"}]])
        attempt = as_attempt(eat)
        learner.sign(attempt[:-STILL])
        learner.sign(attempt[-STILL:], wait=0.12)
        learner.feedback()
        seen = [m["practice_session"]["gesture_state"] for m in learner.messages if m["type"] == "practice_update"]
        most[buffer] = max(state["buffer_size"] for state in seen)
        pauses[buffer] = max(state.get("pause_duration_ms", 0) for state in seen)
        learner.close()
    assert most[20] <= 20 < most[100]
    assert pauses[20] <= 400 < 700 < pauses[100] <= 1000


def test_a_sign_nobody_recorded_is_said_to_be_unknown(serve, takes):
    learner = Learner(serve())
    learner.control("start_session", story_sentences=["Eat."], items=[[{"kind": "sign", "target": "NOBODY-KNOWS"}]])
    learner.sign(as_attempt(takes("eat")[0]))
    summary = learner.feedback()["data"]["analysis_summary"]
    assert not summary["accepted"] and "NOBODY-KNOWS" in summary["findings"][0]["sentence"]
    learner.close()


def test_a_word_is_spelled_letter_by_letter(school, learner, shared):
    """Photos of letters stand for a hand: each held for a second, with a moment without a hand between them."""
    word = "CAB"
    photos = {letter: sorted((shared / "data/letters/photos").glob(f"{letter}*.jpg")) for letter in word}
    if not all(photos.values()):
        pytest.skip("there are no photos of these letters")
    started = learner.control("start_session", story_sentences=[word], items=[[{"kind": "letters", "target": word}]])
    assert started["practice_session"]["spelling"] == {"word": word, "confirmed": "", "next": "C", "hold": 0.0, "top": None,
                                                       "is_sure": False, "advice": ""}
    for letter in word:
        for photo in photos[letter]:
            before = learner.session["spelling"]
            learner.sign([photo.read_bytes()] * FPS)
            if before is None or learner.session["spelling"] is None or learner.session["spelling"]["next"] != letter:
                break
    summary = learner.feedback()["data"]["analysis_summary"]
    assert summary["accepted"] and summary["spelled"] == word and summary["scores"] is None


def test_a_late_verdict_of_an_old_attempt_changes_nothing(school, learner):
    _, clips = school
    begin(learner, "EAT")
    pictures = as_attempt(clips["EAT"][0])
    learner.sign(pictures)
    # Whether the verdict is here already or not: afterwards it belongs to nothing.
    session = learner.control("try_again", item=0)["practice_session"]
    assert session["practice_mode"] == "listening" and session["attempt_id"] is None
