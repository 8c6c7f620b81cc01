#pragma once

#include "base/clock.hpp"
#include "base/result.hpp"

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace storysign::telemetry {

enum class LogLevel : std::uint8_t { kDebug, kInfo, kWarning, kError, kOff };

/// A line for people ("... warning the sentence key=value") or one JSON object a line.
enum class LogForm : std::uint8_t { kText, kJson };

/// Rooms whose level can be set apart from the others'.
inline constexpr std::array<std::string_view, 8> kLogRooms = {
    "app", "auth", "config", "engine", "pipeline", "server", "session", "store"};

/// One word: "debug", "info", "warning", "error" or "off".
[[nodiscard]] std::string_view level_name(LogLevel level) noexcept;
[[nodiscard]] std::optional<LogLevel> parse_level(std::string_view name) noexcept;

/// One thing that a line says beside its sentence. Never hand it a frame or a token: long texts are
/// cut, and what is not printable ASCII is escaped, so that no line holds another or a picture.
struct LogField {
  using Value = std::variant<std::string_view, std::int64_t, std::uint64_t, double, bool>;

  LogField(std::string_view name, std::string_view text) : key(name), value(text) {}
  LogField(std::string_view name, const char* text) : key(name), value(std::string_view(text)) {}
  LogField(std::string_view name, int number)
      : key(name), value(static_cast<std::int64_t>(number)) {}
  LogField(std::string_view name, std::int64_t number) : key(name), value(number) {}
  LogField(std::string_view name, std::uint32_t number)
      : key(name), value(static_cast<std::uint64_t>(number)) {}
  LogField(std::string_view name, std::uint64_t number) : key(name), value(number) {}
  LogField(std::string_view name, double number) : key(name), value(number) {}
  LogField(std::string_view name, bool flag) : key(name), value(flag) {}

  std::string_view key;
  Value value;
};
using LogFields = std::initializer_list<LogField>;

/// Where the lines go instead of standard error, for tests. Owned by the caller, outlives the log.
/// Called by one thread at a time.
class LogSink {
 public:
  LogSink() = default;
  LogSink(const LogSink&) = delete;
  LogSink& operator=(const LogSink&) = delete;
  LogSink(LogSink&&) = delete;
  LogSink& operator=(LogSink&&) = delete;
  virtual ~LogSink() = default;

  /// `line` ends with a line feed.
  virtual void write(std::string_view line) = 0;
};

struct LogOptions {
  LogLevel level = LogLevel::kInfo;
  LogForm form = LogForm::kText;
  LogSink* sink = nullptr;  ///< Null: the file.
  std::filesystem::path file =
      {};  ///< Empty: standard error. Appended to, readable by the owner only.
};

/// Lets one of many equal messages through in each interval, and counts the others. Any thread.
class RepeatLimit {
 public:
  explicit RepeatLimit(std::chrono::milliseconds interval) noexcept : interval_(interval) {}

  /// Whether to say it now; then `left_out` is how many were not said since the last time.
  [[nodiscard]] bool allow(base::SteadyTime now, std::uint64_t& left_out) noexcept;

 private:
  // Given.
  std::chrono::nanoseconds interval_;
  // State.
  std::atomic<std::int64_t> next_{INT64_MIN};  ///< Nanoseconds of the steady clock.
  std::atomic<std::uint64_t> left_out_{0};
};

/// The server's log, or a room's view of it. Made once by app, which hands each room a view that
/// writes to the same place and has a level of its own; outlives everything that logs. Any thread;
/// a line is written by the caller, so it is for what happens now and then, not for each frame.
/// Throws nothing: a line that cannot be written is lost.
class Log {
 public:
  /// A file that cannot be opened leaves standard error in its place; see failure().
  explicit Log(const LogOptions& options = {});
  /// The view of a room, one of kLogRooms (any other name counts as "app"); lines name it.
  Log(const Log& whole, std::string_view room);
  Log(const Log&) = delete;
  Log& operator=(const Log&) = delete;
  Log(Log&&) = delete;
  Log& operator=(Log&&) = delete;
  ~Log();

  [[nodiscard]] bool enabled(LogLevel level) const noexcept;

  /// Why the file of the options is not written to, if it is not.
  [[nodiscard]] base::Result<void> failure() const;

  /// Opens the file again under its name, after something has moved it away. Fails with kIo, and
  /// then the lines go on to where they went. Without a file it does nothing.
  base::Result<void> reopen();

  /// The level of all rooms, and of those that have one of their own.
  using Levels = std::vector<std::pair<std::string_view, LogLevel>>;
  [[nodiscard]] Levels levels() const;
  /// `room` is "all" or one of kLogRooms; no level: that of all (of "all": as made). False if there
  /// is no such room.
  [[nodiscard]] bool set_level(std::string_view room, std::optional<LogLevel> level) noexcept;

  /// When the configuration changes while running: level of all rooms, and form of the lines; from
  /// the next line on. level() is that of "all".
  void set_level(LogLevel level) noexcept;
  void set_form(LogForm form) noexcept;
  [[nodiscard]] LogLevel level() const noexcept;
  [[nodiscard]] LogForm form() const noexcept;

  /// `sentence` is a fixed text; what differs goes into `fields`.
  void write(LogLevel level, std::string_view sentence, LogFields fields = {}) noexcept;

  void debug(std::string_view sentence, LogFields fields = {}) noexcept {
    write(LogLevel::kDebug, sentence, fields);
  }
  void info(std::string_view sentence, LogFields fields = {}) noexcept {
    write(LogLevel::kInfo, sentence, fields);
  }
  void warning(std::string_view sentence, LogFields fields = {}) noexcept {
    write(LogLevel::kWarning, sentence, fields);
  }
  void error(std::string_view sentence, LogFields fields = {}) noexcept {
    write(LogLevel::kError, sentence, fields);
  }

  /// A warning that may come often: written only when `limit` allows it, with the field `left_out`
  /// if others were not.
  void warning(RepeatLimit& limit, base::SteadyTime now, std::string_view sentence,
               LogFields fields = {}) noexcept;

 private:
  struct Parts;
  std::shared_ptr<Parts> parts_;  ///< Shared by the views.
  int room_ = -1;                 ///< Place in kLogRooms; -1: the whole.
};

}  // namespace storysign::telemetry
