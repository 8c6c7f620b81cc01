#include "config/loader.hpp"

#include "config/suggest.hpp"
#include "config/yaml_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdio>
#include <memory>
#include <string_view>
#include <system_error>

namespace storysign::config {
namespace {

constexpr std::size_t kLargestFile = std::size_t{1} << 20U;
constexpr std::string_view kPrefix = "STORYSIGN_";

constexpr std::array<std::pair<std::string_view, std::string_view>, 4> kAlertPairs = {
    {{"alerts.latency_p95_warning_ms", "alerts.latency_p95_critical_ms"},
     {"alerts.cpu_warning_percent", "alerts.cpu_critical_percent"},
     {"alerts.memory_warning_mib", "alerts.memory_critical_mib"},
     {"alerts.drop_rate_warning_percent", "alerts.drop_rate_critical_percent"}}};

using base::ErrorCode;

/// A value that one source gives to one key.
struct Assignment {
  const Key* key;
  Value value;
  Origin origin;
};

std::size_t index_of(const Key& key) {
  return static_cast<std::size_t>(&key - keys().data());
}

/// The file's bytes, or why not. Devices and pipes are refused: they need not end.
base::Result<std::string> read_file(const std::filesystem::path& path) {
  const std::string name = path.string();
  std::error_code code;
  const auto status = std::filesystem::status(path, code);
  if (!std::filesystem::exists(status)) {
    return base::fail(ErrorCode::kNotFound,
                      fmt::format("{}: there is no such configuration file; check the path, or "
                                  "make one with `storysign config defaults`.",
                                  name));
  }
  if (!std::filesystem::is_regular_file(status)) {
    return base::fail(ErrorCode::kInvalidInput,
                      fmt::format("{}: this is not a file; name a YAML file.", name));
  }
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "rb"),
                                                             &std::fclose);
  std::string text(kLargestFile + 1, '\0');
  const std::size_t size = file ? std::fread(text.data(), 1, text.size(), file.get()) : 0;
  if (!file || std::ferror(file.get()) != 0) {
    return base::fail(ErrorCode::kIo, fmt::format("{}: the configuration file cannot be read: {}.",
                                                  name, std::generic_category().message(errno)));
  }
  if (size > kLargestFile) {
    return base::fail(ErrorCode::kInvalidInput,
                      fmt::format("{}: a configuration file of more than {} bytes is refused; name "
                                  "the right file.",
                                  name, kLargestFile));
  }
  text.resize(size);
  return text;
}

/// Collects one load().
class Loader {
 public:
  void read_file_source(const std::filesystem::path& path);
  void read_environment(Sources::Pairs variables);
  void read_overrides(Sources::Pairs overrides);
  void check_together();
  void check_story_model();

  [[nodiscard]] Loaded& loaded() { return loaded_; }
  [[nodiscard]] std::vector<base::Error>& errors() { return errors_; }

 private:
  template <class... Args>
  void error(fmt::format_string<Args...> format, Args&&... args) {
    errors_.push_back(
        {ErrorCode::kInvalidInput, as_sentence(fmt::format(format, std::forward<Args>(args)...))});
  }

  void take(const Assignment& assignment);
  void take_once(std::vector<Assignment>& given, Assignment assignment);
  void read_variable(const std::string& name, const std::string& text,
                     std::vector<Assignment>& given);
  std::optional<Value> read_value(const Key& key, const std::string& text, std::string_view where);
  std::optional<Value> read_switch(const Alias& alias, const std::string& text);
  [[nodiscard]] std::string quote(std::string_view name) const;
  [[nodiscard]] double number_of(std::string_view name) const;
  [[nodiscard]] bool all_sound(std::initializer_list<std::string_view> names) const;

  Loaded loaded_{{}, std::vector<Origin>(keys().size())};
  std::vector<base::Error> errors_;
  std::vector<bool> unsound_ = std::vector<bool>(keys().size());  ///< Keys with a refused value.
  bool file_is_known_ = true;  ///< False if its keys could not be read at all.
};

void Loader::take(const Assignment& assignment) {
  assignment.key->set(loaded_.settings, assignment.value);
  loaded_.origins[index_of(*assignment.key)] = assignment.origin;
}

/// Within one source, the same key twice is fine only if both say the same.
void Loader::take_once(std::vector<Assignment>& given, Assignment assignment) {
  const auto earlier = std::find_if(given.begin(), given.end(), [&](const Assignment& other) {
    return other.key == assignment.key;
  });
  if (earlier == given.end()) {
    take(assignment);
    given.push_back(std::move(assignment));
    return;
  }
  if (earlier->value == assignment.value) return;
  const bool flags = assignment.origin.kind == Origin::Kind::kCommandLine;
  const std::string who =
      flags ? fmt::format("command line: --{} is there twice and gives", assignment.key->name)
            : fmt::format("environment: {} and {} give {}", earlier->origin.name,
                          assignment.origin.name, assignment.key->name);
  if (assignment.key->is_secret()) {
    error("{} different values; keep one", who);
  } else {
    error("{} different values ({} and {}); keep one", who, to_text(earlier->value),
          to_text(assignment.value));
  }
  unsound_[index_of(*assignment.key)] = true;
}

void Loader::read_file_source(const std::filesystem::path& path) {
  const base::Result<std::string> text = read_file(path);
  if (!text) {
    errors_.push_back(text.error());
    file_is_known_ = false;
    return;
  }
  const std::string name = path.string();
  FileContent content = read_yaml(*text, name);
  for (const FileEntry& entry : content.entries) {
    take({entry.key, entry.value, {Origin::Kind::kFile, name, entry.line}});
  }
  for (const Key* key : content.refused) unsound_[index_of(*key)] = true;
  file_is_known_ = content.parsed;
  errors_.insert(errors_.end(), content.errors.begin(), content.errors.end());
}

std::optional<Value> Loader::read_value(const Key& key, const std::string& text,
                                        std::string_view where) {
  base::Result<Value> value = parse(key, text, Notation::kPlainText);
  if (value) return *std::move(value);
  error("{}: {} {}", where, key.name, value.error().message);
  unsound_[index_of(key)] = true;
  return std::nullopt;
}

std::optional<Value> Loader::read_switch(const Alias& alias, const std::string& text) {
  if (text == "true" || text == "1") return Value(std::string(alias.if_true));
  if (text == "false" || text == "0") return Value(std::string(alias.if_false));
  error("environment {}: it is \"{}\", but must be true (which sets {} to {}) or false ({})",
        alias.variable, printable(text), alias.key, alias.if_true, alias.if_false);
  unsound_[index_of(*find_key(alias.key))] = true;
  return std::nullopt;
}

void Loader::read_variable(const std::string& name, const std::string& text,
                           std::vector<Assignment>& given) {
  const std::string upper = upper_case(name);
  if (!upper.starts_with(kPrefix)) return;
  const Origin origin{Origin::Kind::kEnvironment, name, 0};
  for (const Alias& alias : aliases()) {
    if (alias.variable != name) continue;
    const Key& key = *find_key(alias.key);
    auto value =
        alias.is_switch ? read_switch(alias, text) : read_value(key, text, "environment " + name);
    if (value) take_once(given, {&key, *std::move(value), origin});
    return;
  }
  for (const Key& key : keys()) {
    const std::string right = environment_name(key);
    if (right == name) {
      auto value = read_value(key, text, "environment " + name);
      if (value) take_once(given, {&key, *std::move(value), origin});
      return;
    }
    // The name in lower case, or with one underscore where two belong, would go unheard.
    std::string one_underscore = right;
    if (const std::size_t at = right.find("__"); at != std::string::npos) {
      one_underscore.erase(at, 1);
    }
    if (upper == right || upper == one_underscore) {
      error("environment: {} is not a setting; did you mean {}?", printable(name), right);
      return;
    }
  }
  // Variables with this prefix but without a section belong to tools around the program.
  const std::string_view rest = std::string_view(upper).substr(kPrefix.size());
  const std::size_t at = rest.find("__");
  if (at == std::string_view::npos) return;
  const std::string dotted = fmt::format("{}.{}", rest.substr(0, at), rest.substr(at + 2));
  const Key* const near = find_key(nearest_key(dotted));
  if (near == nullptr) {
    error("environment: {} is not a setting; `storysign config defaults` lists all",
          printable(name));
  } else {
    error("environment: {} is not a setting; did you mean {}?", printable(name),
          environment_name(*near));
  }
}

void Loader::read_environment(Sources::Pairs variables) {
  std::vector<Assignment> given;
  for (const auto& [name, text] : variables) read_variable(name, text, given);
}

void Loader::read_overrides(Sources::Pairs overrides) {
  std::vector<Assignment> given;
  for (const auto& [name, text] : overrides) {
    const Key* const key = find_key(name);
    if (key != nullptr) {
      auto value = read_value(*key, text, "command line");
      if (value) take_once(given, {key, *std::move(value), {Origin::Kind::kCommandLine, "", 0}});
      continue;
    }
    const std::string_view near = nearest_key(name);
    if (near.empty()) {
      error("command line: --{} is not a setting; `storysign config defaults` lists all",
            printable(name));
    } else {
      error("command line: --{} is not a setting; did you mean --{}?", printable(name), near);
    }
  }
}

/// "video.fps (30, config.yaml:4)".
std::string Loader::quote(std::string_view name) const {
  const Key& key = *find_key(name);
  return fmt::format("{} ({}, {})", name, to_text(key.get(loaded_.settings)),
                     to_string(loaded_.origins[index_of(key)]));
}

double Loader::number_of(std::string_view name) const {
  const Value value = find_key(name)->get(loaded_.settings);
  const auto* const whole = std::get_if<std::int64_t>(&value);
  return whole != nullptr ? static_cast<double>(*whole) : std::get<double>(value);
}

bool Loader::all_sound(std::initializer_list<std::string_view> names) const {
  return std::none_of(names.begin(), names.end(),
                      [&](std::string_view name) { return unsound_[index_of(*find_key(name))]; });
}

/// Whether a URL says a password: user:password@host, or ?password=.
bool holds_password(std::string_view url) {
  const std::size_t scheme = url.find("://");
  if (scheme == std::string_view::npos) return false;
  const std::string_view rest = url.substr(scheme + 3);
  const std::string_view authority = rest.substr(0, rest.find_first_of("/?"));
  const std::size_t at = authority.rfind('@');
  return (at != std::string_view::npos &&
          authority.substr(0, at).find(':') != std::string_view::npos) ||
         rest.find("password=") != std::string_view::npos;
}

void Loader::check_story_model() {
  const Settings& s = loaded_.settings;
  constexpr std::string_view kModelKind = "stories.model_kind";
  constexpr std::string_view kModelUrl = "stories.model_url";
  constexpr std::string_view kModelName = "stories.model_name";
  if (s.stories.model_kind != StoryModelKind::kOff &&
      (s.stories.model_url.empty() || s.stories.model_name.empty()) &&
      all_sound({kModelKind, kModelUrl, kModelName})) {
    error("{} asks for a model, but {} is empty; name it, or set {} to off", quote(kModelKind),
          s.stories.model_url.empty() ? kModelUrl : kModelName, kModelKind);
  }
}

/// Values that are fine each for itself, but not together.
void Loader::check_together() {
  if (!file_is_known_) return;
  const Settings& s = loaded_.settings;
  constexpr std::string_view kStoreUrl = "store.url";
  if (holds_password(s.store.url)) {
    // Not quoted: it is a secret, and this is what would be shown.
    error(
        "{} ({}) holds a password; take it out and put it into a file of mode 0600 that "
        "store.password_file names",
        kStoreUrl, to_string(loaded_.origins[index_of(*find_key(kStoreUrl))]));
  }
  constexpr std::string_view kCertificate = "server.tls_certificate";
  constexpr std::string_view kPrivateKey = "server.tls_key";
  if (s.server.tls_certificate.empty() != s.server.tls_key.empty() &&
      all_sound({kCertificate, kPrivateKey})) {
    error("{} is set without {}; TLS needs both files",
          s.server.tls_key.empty() ? kCertificate : kPrivateKey,
          s.server.tls_key.empty() ? kPrivateKey : kCertificate);
  }
  constexpr std::string_view kInterval = "websocket.ping_interval_ms";
  constexpr std::string_view kTimeout = "websocket.ping_timeout_ms";
  if (s.websocket.ping_timeout_ms > s.websocket.ping_interval_ms &&
      all_sound({kInterval, kTimeout})) {
    error("{} must not be longer than {}, or the next ping goes out before the last is given up",
          quote(kTimeout), quote(kInterval));
  }
  for (const auto& [warning, critical] : kAlertPairs) {
    if (number_of(warning) > number_of(critical) && all_sound({warning, critical})) {
      error("{} must not be above {}, or what is critical is no warning", quote(warning),
            quote(critical));
    }
  }
  check_story_model();
  constexpr std::string_view kWindow = "gesture_detection.smoothing_window";
  constexpr std::string_view kBuffer = "gesture_detection.landmark_buffer_size";
  if (s.gesture_detection.smoothing_window > s.gesture_detection.landmark_buffer_size &&
      all_sound({kWindow, kBuffer})) {
    error("{} must not be larger than {}, or the window never fills", quote(kWindow),
          quote(kBuffer));
  }
  constexpr std::string_view kShortest = "gesture_detection.min_gesture_duration_ms";
  constexpr std::string_view kFps = "video.fps";
  const auto frames =
      static_cast<std::int64_t>(s.gesture_detection.min_gesture_duration_ms) * s.video.fps / 1000;
  if (frames > s.gesture_detection.landmark_buffer_size && all_sound({kBuffer, kShortest, kFps})) {
    error("{} does not hold one gesture of {} at {}, which is {} frames", quote(kBuffer),
          quote(kShortest), quote(kFps), frames);
  }
}

}  // namespace

std::string to_string(const Origin& origin) {
  switch (origin.kind) {
    case Origin::Kind::kDefault:
      return "default";
    case Origin::Kind::kFile:
      return fmt::format("{}:{}", origin.name, origin.line);
    case Origin::Kind::kEnvironment:
      return fmt::format("environment {}", origin.name);
    case Origin::Kind::kCommandLine:
      break;
  }
  return "command line";
}

tl::expected<Loaded, std::vector<base::Error>> load(const Sources& sources) {
  Loader loader;
  if (sources.file) loader.read_file_source(*sources.file);
  loader.read_environment(sources.environment);
  loader.read_overrides(sources.overrides);
  loader.check_together();
  if (!loader.errors().empty()) return tl::unexpected(std::move(loader.errors()));
  return std::move(loader.loaded());
}

}  // namespace storysign::config
