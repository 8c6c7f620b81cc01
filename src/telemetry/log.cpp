#include "telemetry/log.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <spdlog/logger.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/base_sink.h>
#include <spdlog/sinks/stdout_color_sinks.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstddef>
#include <exception>
#include <iterator>
#include <mutex>
#include <string>
#include <system_error>
#include <utility>

namespace storysign::telemetry {
namespace {

/// Longer texts are cut: a sentence fits, a picture does not.
constexpr std::size_t kLongestText = 512;

// "%v" is what write() has made of sentence and fields.
constexpr const char* kTextPattern = "%Y-%m-%dT%H:%M:%S.%eZ %^%l%$ %v";
constexpr const char* kJsonPattern = R"({"time":"%Y-%m-%dT%H:%M:%S.%eZ","level":"%l",%v})";

spdlog::level::level_enum to_spdlog(LogLevel level) noexcept {
  switch (level) {
    case LogLevel::kDebug:
      return spdlog::level::debug;
    case LogLevel::kInfo:
      return spdlog::level::info;
    case LogLevel::kWarning:
      return spdlog::level::warn;
    case LogLevel::kError:
      return spdlog::level::err;
    case LogLevel::kOff:
      break;
  }
  return spdlog::level::off;
}

using Line = fmt::memory_buffer;

void put(Line& line, std::string_view text) {
  line.append(text.data(), text.data() + text.size());
}

/// `text` with what could end a string or a line escaped as in JSON; bytes outside ASCII become
/// escapes of their value, since nobody has checked that they are UTF-8.
void put_escaped(Line& line, std::string_view text) {
  for (const char character : text.substr(0, kLongestText)) {
    const auto byte = static_cast<unsigned char>(character);
    if (character == '"' || character == '\\') {
      line.push_back('\\');
      line.push_back(character);
    } else if (byte < 0x20 || byte > 0x7e) {
      fmt::format_to(std::back_inserter(line), "\\u{:04x}", byte);
    } else {
      line.push_back(character);
    }
  }
  if (text.size() > kLongestText) put(line, "...");
}

void put_quoted(Line& line, std::string_view text) {
  line.push_back('"');
  put_escaped(line, text);
  line.push_back('"');
}

/// Whether a value of a text line can stand without quotes.
bool is_plain(std::string_view text) noexcept {
  return !text.empty() && text.size() <= kLongestText &&
         std::ranges::all_of(text, [](char character) {
           return character > ' ' && character <= '~' && character != '"' && character != '\\' &&
                  character != '=';
         });
}

void put_value(Line& line, LogForm form, const LogField::Value& value) {
  std::visit(
      [&](const auto& held) {
        using Held = std::decay_t<decltype(held)>;
        if constexpr (std::is_same_v<Held, std::string_view>) {
          if (form == LogForm::kText && is_plain(held)) {
            put(line, held);
          } else {
            put_quoted(line, held);
          }
        } else if constexpr (std::is_same_v<Held, double>) {
          // JSON has no word for what is not finite.
          if (std::isfinite(held)) {
            fmt::format_to(std::back_inserter(line), "{:.6g}", held);
          } else {
            put(line, "null");
          }
        } else {
          fmt::format_to(std::back_inserter(line), "{}", held);
        }
      },
      value);
}

void put_field(Line& line, LogForm form, const LogField& field) {
  if (form == LogForm::kText) {
    line.push_back(' ');
    put(line, field.key);
    line.push_back('=');
  } else {
    line.push_back(',');
    put_quoted(line, field.key);
    line.push_back(':');
  }
  put_value(line, form, field.value);
}

/// Hands finished lines to a LogSink.
class ForwardingSink final : public spdlog::sinks::base_sink<std::mutex> {
 public:
  explicit ForwardingSink(LogSink& to) : to_(to) {}

 protected:
  void sink_it_(const spdlog::details::log_msg& message) override {
    spdlog::memory_buf_t line;
    formatter_->format(message, line);
    to_.write({line.data(), line.size()});
  }
  void flush_() override {}

 private:
  LogSink& to_;
};

/// Appends to a file, which can be opened again after somebody has moved it away.
class FileSink final : public spdlog::sinks::base_sink<std::mutex> {
 public:
  explicit FileSink(std::filesystem::path file) : file_(std::move(file)) {}
  FileSink(const FileSink&) = delete;
  FileSink& operator=(const FileSink&) = delete;
  FileSink(FileSink&&) = delete;
  FileSink& operator=(FileSink&&) = delete;
  ~FileSink() override {
    if (descriptor_ >= 0) ::close(descriptor_);
  }

  base::Result<void> open() {
    const int fresh =
        ::open(file_.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, S_IRUSR | S_IWUSR);
    if (fresh < 0) {
      return base::fail(base::ErrorCode::kIo,
                        fmt::format("The log file {} cannot be opened: {}; make its folder "
                                    "writable, or name another one in log.file.",
                                    file_.string(), std::generic_category().message(errno)));
    }
    const std::lock_guard<std::mutex> lock(mutex_);
    if (descriptor_ >= 0) ::close(descriptor_);
    descriptor_ = fresh;
    return {};
  }

 protected:
  void sink_it_(const spdlog::details::log_msg& message) override {
    spdlog::memory_buf_t line;
    formatter_->format(message, line);
    // A full disk loses lines, and nothing else.
    static_cast<void>(::write(descriptor_, line.data(), line.size()) == 0);
  }
  void flush_() override {}

 private:
  std::filesystem::path file_;
  int descriptor_ = -1;
};

int place_of_room(std::string_view room) noexcept {
  const auto found = std::ranges::find(kLogRooms, room);
  return found == kLogRooms.end() ? -1 : static_cast<int>(found - kLogRooms.begin());
}

constexpr std::array<std::string_view, 5> kLevelNames = {"debug", "info", "warning", "error",
                                                         "off"};

}  // namespace

std::string_view level_name(LogLevel level) noexcept {
  return kLevelNames[static_cast<std::size_t>(level)];
}

std::optional<LogLevel> parse_level(std::string_view name) noexcept {
  const auto found = std::ranges::find(kLevelNames, name);
  if (found == kLevelNames.end()) return std::nullopt;
  return static_cast<LogLevel>(found - kLevelNames.begin());
}

bool RepeatLimit::allow(base::SteadyTime now, std::uint64_t& left_out) noexcept {
  const std::int64_t time = std::chrono::nanoseconds(now.time_since_epoch()).count();
  std::int64_t next = next_.load(std::memory_order_relaxed);
  if (time < next ||
      !next_.compare_exchange_strong(next, time + interval_.count(), std::memory_order_relaxed)) {
    left_out_.fetch_add(1, std::memory_order_relaxed);
    return false;
  }
  left_out = left_out_.exchange(0, std::memory_order_relaxed);
  return true;
}

namespace {

/// Writes lines of one form.
struct Writer {
  Writer(LogForm lines, const LogOptions& options) : form(lines), logger("storysign") {
    if (options.sink != nullptr) {
      logger.sinks().push_back(std::make_shared<ForwardingSink>(*options.sink));
    } else if (!options.file.empty()) {
      file = std::make_shared<FileSink>(options.file);
      opened = file->open();
      if (opened) logger.sinks().push_back(file);
    }
    if (logger.sinks().empty()) {
      file.reset();
      logger.sinks().push_back(std::make_shared<spdlog::sinks::stderr_color_sink_mt>());
    }
    // What is written is decided by the levels of the log.
    logger.set_level(spdlog::level::trace);
    logger.set_formatter(std::make_unique<spdlog::pattern_formatter>(
        form == LogForm::kJson ? kJsonPattern : kTextPattern, spdlog::pattern_time_type::utc));
    logger.flush_on(spdlog::level::warn);
  }

  const LogForm form;
  spdlog::logger logger;
  std::shared_ptr<FileSink> file;  // The logger has it as well.
  base::Result<void> opened;
};

}  // namespace

struct Log::Parts {
  explicit Parts(const LogOptions& options)
      : text(LogForm::kText, options),
        json(LogForm::kJson, options),
        writer(&of(options.form)),
        made_with(options.level),
        all(static_cast<int>(options.level)) {
    for (auto& level : rooms) level = kNoLevel;
  }

  [[nodiscard]] Writer& of(LogForm form) noexcept { return form == LogForm::kJson ? json : text; }

  void write(int room, LogLevel level, std::string_view sentence, LogFields fields,
             const LogField* last) const noexcept {
    Writer& to = *writer.load(std::memory_order_acquire);
    const LogForm form = to.form;
    try {
      Line line;
      if (form == LogForm::kJson) {
        put(line, R"("message":)");
        put_quoted(line, sentence);
      } else {
        put_escaped(line, sentence);
      }
      if (room >= 0) put_field(line, form, {"room", kLogRooms[static_cast<std::size_t>(room)]});
      for (const LogField& field : fields) put_field(line, form, field);
      if (last != nullptr) put_field(line, form, *last);
      to.logger.log(to_spdlog(level), spdlog::string_view_t(line.data(), line.size()));
    } catch (const std::exception&) {
      return;  // There is nobody left to tell.
    }
  }

  static constexpr int kNoLevel = -1;

  // Owned: one of each form, so that a line is of one form while that changes.
  Writer text;
  Writer json;
  // State.
  std::atomic<Writer*> writer;
  std::atomic<LogLevel> made_with;
  std::atomic<int> all;
  std::array<std::atomic<int>, kLogRooms.size()> rooms{};
};

Log::Log(const LogOptions& options) : parts_(std::make_shared<Parts>(options)) {}
Log::Log(const Log& whole, std::string_view room)
    : parts_(whole.parts_), room_(std::max(place_of_room(room), 0)) {}
Log::~Log() = default;

bool Log::enabled(LogLevel level) const noexcept {
  if (level == LogLevel::kOff) return false;
  int least = parts_->all.load(std::memory_order_relaxed);
  if (room_ >= 0) {
    const int own = parts_->rooms[static_cast<std::size_t>(room_)].load(std::memory_order_relaxed);
    if (own != Parts::kNoLevel) least = own;
  }
  return static_cast<int>(level) >= least;
}

base::Result<void> Log::failure() const {
  return parts_->text.opened;
}

base::Result<void> Log::reopen() {
  base::Result<void> done;
  for (const Writer* const writer : {&parts_->text, &parts_->json}) {
    if (done && writer->file) done = writer->file->open();
  }
  return done;
}

Log::Levels Log::levels() const {
  Levels out;
  out.emplace_back("all", static_cast<LogLevel>(parts_->all.load(std::memory_order_relaxed)));
  for (std::size_t i = 0; i < kLogRooms.size(); ++i) {
    const int own = parts_->rooms[i].load(std::memory_order_relaxed);
    if (own != Parts::kNoLevel) out.emplace_back(kLogRooms[i], static_cast<LogLevel>(own));
  }
  return out;
}

bool Log::set_level(std::string_view room, std::optional<LogLevel> level) noexcept {
  if (room == "all") {
    parts_->all = static_cast<int>(level.value_or(parts_->made_with.load()));
    return true;
  }
  const int place = place_of_room(room);
  if (place < 0) return false;
  parts_->rooms[static_cast<std::size_t>(place)] =
      level ? static_cast<int>(*level) : Parts::kNoLevel;
  return true;
}

void Log::set_level(LogLevel level) noexcept {
  parts_->made_with = level;
  parts_->all = static_cast<int>(level);
}

void Log::set_form(LogForm form) noexcept {
  parts_->writer.store(&parts_->of(form), std::memory_order_release);
}

LogLevel Log::level() const noexcept {
  return static_cast<LogLevel>(parts_->all.load(std::memory_order_relaxed));
}

LogForm Log::form() const noexcept {
  return parts_->writer.load(std::memory_order_relaxed)->form;
}

void Log::write(LogLevel level, std::string_view sentence, LogFields fields) noexcept {
  if (enabled(level)) parts_->write(room_, level, sentence, fields, nullptr);
}

void Log::warning(RepeatLimit& limit, base::SteadyTime now, std::string_view sentence,
                  LogFields fields) noexcept {
  std::uint64_t left_out = 0;
  if (!enabled(LogLevel::kWarning) || !limit.allow(now, left_out)) return;
  const LogField last("left_out", left_out);
  parts_->write(room_, LogLevel::kWarning, sentence, fields, left_out > 0 ? &last : nullptr);
}

}  // namespace storysign::telemetry
