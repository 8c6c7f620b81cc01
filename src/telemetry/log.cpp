#include "telemetry/log.hpp"

#include <fmt/format.h>
#include <spdlog/logger.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/base_sink.h>
#include <spdlog/sinks/stdout_color_sinks.h>

#include <algorithm>
#include <cmath>
#include <exception>
#include <iterator>
#include <mutex>
#include <string>
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

std::shared_ptr<spdlog::sinks::sink> make_sink(LogSink* sink) {
  if (sink != nullptr) return std::make_shared<ForwardingSink>(*sink);
  return std::make_shared<spdlog::sinks::stderr_color_sink_mt>();
}

}  // namespace

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

struct Log::Parts {
  explicit Parts(const LogOptions& options)
      : form(options.form), logger("storysign", make_sink(options.sink)) {
    logger.set_level(to_spdlog(options.level));
    logger.set_formatter(std::make_unique<spdlog::pattern_formatter>(
        options.form == LogForm::kJson ? kJsonPattern : kTextPattern,
        spdlog::pattern_time_type::utc));
    logger.flush_on(spdlog::level::warn);
  }

  void write(LogLevel level, std::string_view sentence, LogFields fields,
             const LogField* last) noexcept {
    try {
      Line line;
      if (form == LogForm::kJson) {
        put(line, R"("message":)");
        put_quoted(line, sentence);
      } else {
        put_escaped(line, sentence);
      }
      for (const LogField& field : fields) put_field(line, form, field);
      if (last != nullptr) put_field(line, form, *last);
      logger.log(to_spdlog(level), spdlog::string_view_t(line.data(), line.size()));
    } catch (const std::exception&) {
      return;  // There is nobody left to tell.
    }
  }

  LogForm form;
  spdlog::logger logger;
};

Log::Log(const LogOptions& options) : parts_(std::make_unique<Parts>(options)) {}
Log::~Log() = default;

bool Log::enabled(LogLevel level) const noexcept {
  return level != LogLevel::kOff && parts_->logger.should_log(to_spdlog(level));
}

void Log::write(LogLevel level, std::string_view sentence, LogFields fields) noexcept {
  if (enabled(level)) parts_->write(level, sentence, fields, nullptr);
}

void Log::warning(RepeatLimit& limit, base::SteadyTime now, std::string_view sentence,
                  LogFields fields) noexcept {
  std::uint64_t left_out = 0;
  if (!enabled(LogLevel::kWarning) || !limit.allow(now, left_out)) return;
  const LogField last("left_out", left_out);
  parts_->write(LogLevel::kWarning, sentence, fields, left_out > 0 ? &last : nullptr);
}

}  // namespace storysign::telemetry
