#include "config/loader.hpp"
#include "temporary_file.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

namespace storysign::config {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;
using Pairs = std::vector<std::pair<std::string, std::string>>;

std::vector<std::string> messages(const Sources& sources) {
  std::vector<std::string> out;
  const auto result = load(sources);
  if (result) return out;
  for (const base::Error& error : result.error()) {
    out.push_back(error.message);
    EXPECT_EQ(error.message.find('\n'), std::string::npos) << error.message;
    EXPECT_TRUE(error.message.ends_with('.') || error.message.ends_with('?')) << error.message;
  }
  return out;
}

/// The refusals of a file, with its path cut off: each then starts with ":LINE: ".
std::vector<std::string> of_file(std::string_view text) {
  const TemporaryFile file(text);
  std::vector<std::string> out = messages({file.path(), {}, {}});
  for (std::string& message : out) {
    EXPECT_THAT(message, StartsWith(file.path().string()));
    message.erase(0, file.path().string().size());
  }
  return out;
}

std::vector<std::string> of_environment(const Pairs& pairs) {
  return messages({{}, pairs, {}});
}
std::vector<std::string> of_flags(const Pairs& pairs) {
  return messages({{}, {}, pairs});
}

struct Case {
  const char* what;
  const char* text;
  const char* message;
};

class FileRefusal : public testing::TestWithParam<Case> {};

TEST_P(FileRefusal, NamesFileLineAndKeyInOneSentence) {
  EXPECT_THAT(of_file(GetParam().text), ElementsAre(GetParam().message));
}

constexpr Case kCases[] = {
    {"UnknownKey", "video:\n  fps: 30\n  qualty: 50\n",
     ":3: video.qualty is not a setting; did you mean video.quality?"},
    {"UnknownKeyUnlikeAny", "video:\n  bananas: 50\n",
     ":2: video.bananas is not a setting; `storysign config defaults` lists all."},
    {"UnknownSection", "vidoe:\n  fps: 30\n", ":1: vidoe is not a section; did you mean video?"},
    {"UnknownTop", "\nbananas: 1\n",
     ":2: bananas is not a setting; `storysign config defaults` lists all."},
    {"KeyOfAnotherSection", "video:\n  model_complexity: 1\n",
     ":2: video.model_complexity is not a setting; did you mean mediapipe.model_complexity?"},
    {"KeyWithoutSection", "fps: 30\n",
     ":1: fps is not a setting; did you mean video.fps, indented below its section?"},
    {"DottedKey", "video.fps: 30\n",
     ":1: video.fps must stand as `fps:` in the section `video:`, indented below it."},
    {"MergeKey", "video:\n  <<: {fps: 20}\n",
     ":2: video.<< is not a setting; `storysign config defaults` lists all."},
    {"BelowRange", "video:\n  fps: 9\n",
     ":2: video.fps is 9, but must be a whole number from 10 to 60 frames/s."},
    {"AboveRange", "video:\n  fps: 61\n",
     ":2: video.fps is 61, but must be a whole number from 10 to 60 frames/s."},
    {"TextForNumber", "video:\n  fps: fast\n",
     ":2: video.fps is \"fast\", but must be a whole number from 10 to 60 frames/s."},
    {"QuotedNumber", "video:\n  fps: '30'\n",
     ":2: video.fps is \"30\", but must be a whole number from 10 to 60 frames/s."},
    {"RealForInteger", "video:\n  fps: 30.5\n",
     ":2: video.fps is 30.5, but must be a whole number from 10 to 60 frames/s."},
    {"LeadingZero", "server:\n  port: 08000\n",
     ":2: server.port is 08000, but must be a whole number from 1 to 65535; write it without "
     "leading zeros."},
    {"TextForReal", "mediapipe:\n  min_detection_confidence: high\n",
     ":2: mediapipe.min_detection_confidence is \"high\", but must be a number from 0 to 1."},
    {"RealAboveRange", "mediapipe:\n  min_detection_confidence: 1.5\n",
     ":2: mediapipe.min_detection_confidence is 1.5, but must be a number from 0 to 1."},
    {"YesForBoolean", "performance:\n  adaptive_quality: yes\n",
     ":2: performance.adaptive_quality is \"yes\", but must be true or false."},
    {"NearMissOfAChoice", "performance:\n  mode: balancd\n",
     ":2: performance.mode is \"balancd\", but must be one of auto, ultra_performance, "
     "high_performance, balanced, high_quality; did you mean balanced?"},
    {"BooleanForChoice", "gpu: true\n",
     ":1: gpu is \"true\", but must be one of off, auto, require."},
    {"NumberForText", "server:\n  host: 8000\n",
     ":2: server.host is a number (8000), but must be a host name or an IP address; put it in "
     "quotes if it is meant."},
    {"BadHost", "server:\n  host: \"a b\"\n",
     ":2: server.host is \"a b\", but must be a host name or an IP address."},
    {"Nothing", "video:\n  fps:\n",
     ":2: video.fps is nothing, but must be a whole number from 10 to 60 frames/s."},
    {"List", "video:\n  fps: [30]\n",
     ":2: video.fps is a list, but must be a whole number from 10 to 60 frames/s."},
    {"Map", "gpu: {a: b}\n", ":1: gpu is a map, but must be one of off, auto, require."},
    {"Tag", "video:\n  fps: !!int \"30\"\n",
     ":2: video.fps has the YAML tag tag:yaml.org,2002:int; write the value without a tag."},
    {"ScalarForSection", "video: 5\n",
     ":1: video is a section; put its keys below it, indented, each as `name: value`."},
    {"NoSpaceAfterColon", "video:\n  fps:30\n",
     ":1: video is a section; put its keys below it, indented, each as `name: value`."},
    {"KeyTwice", "video:\n  fps: 30\n  width: 640\n  fps: 30\n",
     ":4: video.fps stands there a second time, first in line 2; keep one."},
    {"SectionTwice", "video:\n  fps: 30\nvideo:\n  width: 640\n",
     ":3: video stands there a second time, first in line 1; keep one."},
    {"TwoDocuments", "video:\n  fps: 30\n---\nvideo:\n  fps: 31\n",
     ":4: a second YAML document begins; keep one and remove the line ---."},
    {"ListAtTheTop", "- video\n",
     ":1: the file must hold sections such as `video:` with keys below, each `name: value`."},
    {"TextAtTheTop", "\nhello\n",
     ":2: the file must hold sections such as `video:` with keys below, each `name: value`."},
    {"KeyThatIsAList", "? [a]\n: b\n",
     ":1: the file has a key that is not a name; write `name: value`."},
    {"Tab", "video:\n\tfps: 30\n", ":2: the line is indented with a tab; use spaces."},
    {"TabAfterSpaces", "video:\n  \tfps: 30\n", ":2: the line is indented with a tab; use spaces."},
    {"Syntax", "video: {fps: 30\n", ":2: this is not YAML: end of map flow not found (column 1)."},
    {"EndOfTransmission", "video:\n  fps: 30\n\x04video: bananas\n",
     ":3: there is a control byte (0x04); save the file as plain UTF-8 text."},
    {"ControlByteInAValue", "models:\n  directory: \"a\\x07b\\x07\"\nvideo:\n  fps: \"\\n\"\n",
     ":4: video.fps is \"\\x0a\", but must be a whole number from 10 to 60 frames/s."},
};

INSTANTIATE_TEST_SUITE_P(Config, FileRefusal, testing::ValuesIn(kCases),
                         [](const auto& one) { return std::string(one.param.what); });

TEST(Refusals, AllProblemsOfAllSourcesComeInOneRun) {
  const TemporaryFile file("video:\n  fps: 5\n  qualty: 50\nbananas: 1\n");
  const Pairs environment = {{"STORYSIGN_VIDEO__WIDTH", "wide"}, {"STORYSIGN_VIDEO__WIDHT", "640"}};
  const Pairs flags = {{"video.height", "1"}, {"vide.height", "480"}};
  EXPECT_THAT(messages({file.path(), environment, flags}),
              ElementsAre(HasSubstr(":2: video.fps is 5,"), HasSubstr(":3: video.qualty is not"),
                          HasSubstr(":4: bananas is not"),
                          HasSubstr("environment STORYSIGN_VIDEO__WIDTH: video.width is \"wide\","),
                          HasSubstr("did you mean STORYSIGN_VIDEO__WIDTH?"),
                          HasSubstr("command line: video.height is 1,"),
                          HasSubstr("did you mean --video.height?")));
}

TEST(Refusals, AValueIsCheckedEvenIfAStrongerSourceReplacesIt) {
  const TemporaryFile file("video:\n  fps: 5\n");
  const Pairs flags = {{"video.fps", "30"}};
  EXPECT_THAT(messages({file.path(), {}, flags}), ElementsAre(HasSubstr(":2: video.fps is 5,")));
}

TEST(Refusals, FilesThatCannotBeRead) {
  const TemporaryFile file("");
  const auto folder = file.path().parent_path();
  EXPECT_THAT(messages({folder / "no.yaml", {}, {}}),
              ElementsAre(AllOf(StartsWith((folder / "no.yaml").string()),
                                HasSubstr("there is no such configuration file"))));
  EXPECT_THAT(messages({folder, {}, {}}), ElementsAre(HasSubstr("this is not a file")));
  EXPECT_THAT(messages({"/dev/zero", {}, {}}), ElementsAre(HasSubstr("this is not a file")));
  std::filesystem::create_symlink("nowhere", folder / "link.yaml");
  EXPECT_THAT(messages({folder / "link.yaml", {}, {}}), ElementsAre(HasSubstr("there is no such")));
}

TEST(Refusals, HugeAndDeepFiles) {
  EXPECT_THAT(of_file(std::string((1U << 20U) + 1, '#')),
              ElementsAre(HasSubstr("more than 1048576 bytes")));
  EXPECT_THAT(of_file(std::string(100'000, '[')), ElementsAre(HasSubstr("this is not YAML")));
}

TEST(Refusals, VariablesThatAreNoSettings) {
  EXPECT_THAT(of_environment({{"STORYSIGN_VIDEO__QUALTY", "50"}}),
              ElementsAre("environment: STORYSIGN_VIDEO__QUALTY is not a setting; did you mean "
                          "STORYSIGN_VIDEO__QUALITY?"));
  EXPECT_THAT(of_environment({{"STORYSIGN_BANANAS__X", "50"}}),
              ElementsAre("environment: STORYSIGN_BANANAS__X is not a setting; `storysign config "
                          "defaults` lists all."));
  EXPECT_THAT(of_environment({{"STORYSIGN_VIDEO_QUALITY", "50"}}),
              ElementsAre(HasSubstr("did you mean STORYSIGN_VIDEO__QUALITY?")));
  EXPECT_THAT(of_environment({{"storysign_video__fps", "50"}}),
              ElementsAre(HasSubstr("did you mean STORYSIGN_VIDEO__FPS?")));
  EXPECT_THAT(of_environment({{"STORYSIGN_gpu", "off"}}),
              ElementsAre(HasSubstr("did you mean STORYSIGN_GPU?")));
}

TEST(Refusals, VariablesWithBadValues) {
  EXPECT_THAT(
      of_environment({{"STORYSIGN_VIDEO__FPS", ""}}),
      ElementsAre("environment STORYSIGN_VIDEO__FPS: video.fps is \"\", but must be a whole "
                  "number from 10 to 60 frames/s."));
  EXPECT_THAT(of_environment({{"STORYSIGN_PERFORMANCE_MODE", "fast"}}),
              ElementsAre(StartsWith("environment STORYSIGN_PERFORMANCE_MODE: performance.mode is "
                                     "\"fast\", but must be one of auto,")));
  EXPECT_THAT(of_environment({{"STORYSIGN_USE_GPU", "auto"}}),
              ElementsAre("environment STORYSIGN_USE_GPU: it is \"auto\", but must be true (which "
                          "sets gpu to auto) or false (off)."));
}

TEST(Refusals, OneSourceWithTwoValuesForAKey) {
  EXPECT_THAT(of_environment({{"STORYSIGN_GPU", "off"}, {"STORYSIGN_USE_GPU", "true"}}),
              ElementsAre("environment: STORYSIGN_GPU and STORYSIGN_USE_GPU give gpu different "
                          "values (off and auto); keep one."));
  EXPECT_THAT(of_flags({{"video.fps", "30"}, {"video.fps", "25"}}),
              ElementsAre("command line: --video.fps is there twice and gives different values (30 "
                          "and 25); keep one."));
}

TEST(Refusals, ValuesThatContradictEachOther) {
  const TemporaryFile file("websocket:\n  ping_timeout_ms: 30000\n");
  EXPECT_THAT(
      messages({file.path(), {}, {}}),
      ElementsAre("websocket.ping_timeout_ms (30000, " + file.path().string() +
                  ":2) must not be longer than websocket.ping_interval_ms (20000, default), "
                  "or the next ping goes out before the last is given up."));
  EXPECT_THAT(of_flags({{"gesture_detection.smoothing_window", "101"}}),
              ElementsAre(HasSubstr("gesture_detection.smoothing_window (101, command line) must "
                                    "not be larger than")));
  EXPECT_THAT(of_flags({{"gesture_detection.min_gesture_duration_ms", "3400"}}),
              ElementsAre(HasSubstr("at video.fps (30, default), which is 102 frames")));
}

TEST(Refusals, APasswordInTheStoresUrlIsNotQuoted) {
  for (const char* url :
       {"postgresql://me:hunter2@db/school", "postgresql://db/s?password=hunter2"}) {
    const auto said = of_flags({{"store.url", url}});
    ASSERT_EQ(said.size(), 1U);
    EXPECT_THAT(said[0], HasSubstr("store.url (command line) holds a password"));
    EXPECT_EQ(said[0].find("hunter2"), std::string::npos);
  }
  EXPECT_THAT(of_flags({{"store.url", "postgresql://me@db:5432/school?sslmode=require"}}),
              ElementsAre());
}

TEST(Refusals, AWarningAboveWhatIsCritical) {
  EXPECT_THAT(of_flags({{"alerts.latency_p95_warning_ms", "300"}}),
              ElementsAre("alerts.latency_p95_warning_ms (300, command line) must not be above "
                          "alerts.latency_p95_critical_ms (200, default), or what is critical is "
                          "no warning."));
  EXPECT_THAT(of_flags({{"alerts.cpu_critical_percent", "79.5"}}),
              ElementsAre(HasSubstr("alerts.cpu_critical_percent (79.5, command line)")));
  EXPECT_THAT(of_flags({{"alerts.memory_critical_mib", "100"}}),
              ElementsAre(HasSubstr("alerts.memory_critical_mib (100, command line)")));
  EXPECT_THAT(of_flags({{"alerts.drop_rate_warning_percent", "10.5"}}),
              ElementsAre(HasSubstr("alerts.drop_rate_warning_percent (10.5, command line)")));
  EXPECT_THAT(of_flags({{"alerts.cpu_warning_percent", "90"}}), ElementsAre());
}

TEST(Refusals, ASecretIsNotQuoted) {
  const std::string hidden =
      "alerts.webhook_url has a value that is not shown, but must be a URL such as "
      "https://host.example:8443/path, or nothing.";
  EXPECT_THAT(of_flags({{"alerts.webhook_url", "hooks.example/s3cret"}}),
              ElementsAre("command line: " + hidden));
  EXPECT_THAT(of_file("alerts:\n  webhook_url: s3cret\n"), ElementsAre(":2: " + hidden));
  EXPECT_THAT(of_file("alerts:\n  webhook_url: 12345\n"), ElementsAre(":2: " + hidden));
  for (const std::string& message : of_flags({{"alerts.webhook_url", "http://a/s3cret"},
                                              {"alerts.webhook_url", "http://b/s3cret"}})) {
    EXPECT_EQ(message.find("s3cret"), std::string::npos) << message;
  }
}

TEST(Refusals, AModelWithoutAnAddressOrAName) {
  EXPECT_THAT(of_flags({{"stories.model_kind", "ollama"}, {"stories.model_name", "llama3.2:3b"}}),
              ElementsAre("stories.model_kind (ollama, command line) asks for a model, but "
                          "stories.model_url is empty; name it, or set stories.model_kind to "
                          "off."));
  EXPECT_THAT(of_flags({{"stories.model_kind", "openai"}, {"stories.model_url", "http://a/v1"}}),
              ElementsAre(HasSubstr("stories.model_name is empty")));
  EXPECT_THAT(of_flags({{"stories.model_kind", "openai"},
                        {"stories.model_url", "http://a/v1"},
                        {"stories.model_name", "small"}}),
              ElementsAre());
  EXPECT_THAT(of_flags({{"stories.model_url", "http://a/v1"}}), ElementsAre());
}

TEST(Refusals, AWordWithWhatCouldEndAHeader) {
  for (const char* const wrong : {"a b", "a\r\nX: y", "\xC3\xA9", "a\x7F"}) {
    EXPECT_THAT(of_flags({{"stories.model_name", wrong}}),
                ElementsAre(HasSubstr("printable characters of ASCII without spaces")));
    EXPECT_THAT(of_flags({{"stories.model_key", wrong}}),
                ElementsAre(HasSubstr("has a value that is not shown")));
  }
  EXPECT_THAT(of_flags({{"stories.model_key", std::string(1025, 'k')}}),
              ElementsAre(HasSubstr("not shown")));
}

TEST(Refusals, NoContradictionIsMadeUpFromARefusedValue) {
  // With its default the window would not fit the buffer; but its true value is not known.
  EXPECT_THAT(of_flags({{"gesture_detection.landmark_buffer_size", "4"},
                        {"gesture_detection.smoothing_window", "three"},
                        {"gesture_detection.min_gesture_duration_ms", "100"}}),
              ElementsAre(HasSubstr("smoothing_window is \"three\"")));
  EXPECT_THAT(of_file("gesture_detection:\n  landmark_buffer_size: 4\n  smoothing_window: three\n"
                      "  min_gesture_duration_ms: 100\n"),
              ElementsAre(HasSubstr("smoothing_window is \"three\"")));
  const TemporaryFile file("gesture_detection: {smoothing_window: 3\n");
  const Pairs flags = {{"gesture_detection.landmark_buffer_size", "4"},
                       {"gesture_detection.min_gesture_duration_ms", "100"}};
  EXPECT_THAT(messages({file.path(), {}, flags}), ElementsAre(HasSubstr("this is not YAML")));
}

}  // namespace
}  // namespace storysign::config
