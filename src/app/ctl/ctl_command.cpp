#include "app/commands.hpp"
#include "app/ctl/admin_client.hpp"
#include "app/ctl/tables.hpp"
#include "app/output.hpp"
#include "app/settings_source.hpp"

#include <fmt/format.h>

#include <charconv>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <system_error>
#include <utility>

namespace storysign::app {
namespace {

using nlohmann::json;

// Most requests are answered at once; a backup copies a file, workers load their networks.
constexpr std::chrono::seconds kPatience{10};
constexpr std::chrono::seconds kLongPatience{300};

/// What the options of one run are written to, and one request made of them.
struct Options {
  std::string config_file;
  bool json = false;
  // Of single verbs.
  std::string who;
  std::string value;
  std::string reason;
  std::string room;
  std::string level;
  std::string file;
  int frames = 0;
};

/// What a verb asks for, and how a person reads the answer.
struct Order {
  std::string path;
  json body;  ///< Null: only asks.
  std::function<std::string(const json&)> text;
  std::chrono::seconds patience = kPatience;
  bool is_raw = false;  ///< The answer itself is what was asked for.
};

using Parsed = base::Result<Order>;

std::function<std::string(const json&)> say(std::string sentence) {
  return [sentence = std::move(sentence)](const json& /*answer*/) { return sentence + "\n"; };
}

bool read_whole(const std::string& text, int& out) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  return error == std::errc() && end == text.data() + text.size() && out >= 0;
}

tl::unexpected<base::Error> wrong(std::string sentence) {
  return base::fail(base::ErrorCode::kInvalidInput, std::move(sentence));
}

/// The path of an order to one session, or to all.
base::Result<std::string> path_for(const std::string& who, std::string_view action) {
  int number = 0;
  if (who == "all") return fmt::format("/api/{}", action);
  if (!read_whole(who, number)) {
    return wrong(
        fmt::format("{} is no session; give its number as `storysign ctl sessions` lists "
                    "it, or all.",
                    who));
  }
  return fmt::format("/api/sessions/{}/{}", number, action);
}

std::string named(const std::string& who) {
  return who == "all" ? "every session" : "session " + who;
}

Parsed set_profile(const Options& options) {
  return path_for(options.who, "profile").map([&](std::string path) {
    return Order{.path = std::move(path),
                 .body = {{"profile", options.value}},
                 .text = say(fmt::format("The profile of {} is now {}.", named(options.who),
                                         options.value))};
  });
}

Parsed set_skip(const Options& options) {
  int skip = 0;
  const bool is_none = options.value == "none";
  if (!is_none && !read_whole(options.value, skip)) {
    return wrong("The frame skip must be a whole number from 0 to 30, or none for the profile's.");
  }
  return path_for(options.who, "skip").map([&](std::string path) {
    return Order{.path = std::move(path),
                 .body = {{"frame_skip", is_none ? json(nullptr) : json(skip)}},
                 .text = say(fmt::format("The frame skip of {} is now {}.", named(options.who),
                                         is_none ? "the profile's" : options.value))};
  });
}

Parsed set_workers(const Options& options) {
  int workers = 0;
  if (options.value != "auto" && !read_whole(options.value, workers)) {
    return wrong("The number of workers must be a whole number, or auto to follow the machine.");
  }
  return Order{.path = "/api/workers",
               .body = {{"workers", workers}},
               .text =
                   [](const json& answer) {
                     const json count =
                         answer.value("workers", json::object()).value("count", json());
                     return fmt::format("There are {} workers now.\n", count.dump());
                   },
               .patience = kLongPatience};
}

Parsed kick(const Options& options) {
  if (options.who == "all") {
    return wrong(
        "One session is closed at a time; `storysign ctl drain` ends all, and the server.");
  }
  json body = json::object();
  if (!options.reason.empty()) body["reason"] = options.reason;
  return path_for(options.who, "kick").map([&](std::string path) {
    return Order{.path = std::move(path),
                 .body = body,
                 .text = say(fmt::format("Session {} is closed.", options.who))};
  });
}

Parsed log_levels(const Options& options) {
  Order order{.path = "/api/log", .body = {}, .text = &levels_text};
  if (options.room.empty()) return order;
  if (options.level.empty()) {
    return wrong("A level is missing: storysign ctl log ROOM LEVEL.");
  }
  order.body = {{"room", options.room},
                {"level", options.level == "default" ? json(nullptr) : json(options.level)}};
  return order;
}

Parsed backup(const Options& options) {
  json body = json::object();
  if (!options.file.empty()) body["file"] = options.file;
  return Order{.path = "/api/backup",
               .body = body,
               .text =
                   [](const json& answer) {
                     return fmt::format("The backup is {} ({} bytes).\n", answer.value("file", "-"),
                                        answer.value("bytes", json()).dump());
                   },
               .patience = kLongPatience};
}

Parsed trace(const Options& options) {
  return Order{.path = options.frames > 0 ? fmt::format("/api/trace?frames={}", options.frames)
                                          : std::string("/api/trace"),
               .body = {},
               .text = {},
               .is_raw = true};
}

int run(const Options& options, const std::vector<std::string>& settings_arguments,
        const std::function<Parsed(const Options&)>& parse) {
  const auto fail = [](const base::Error& error) {
    write_error(error.message);
    return error.code == base::ErrorCode::kInvalidInput ? kExitBadInput : kExitFailed;
  };
  const auto settings = load_settings(options.config_file, settings_arguments);
  if (!settings) return report(settings.error());
  const auto order = parse(options);
  if (!order) return fail(order.error());
  const auto client = AdminClient::make(settings->loaded.settings);
  if (!client) return fail(client.error());
  const auto answer = client->ask(order->path, order->body, order->patience);
  if (!answer) return fail(answer.error());
  if (order->is_raw) return write_stdout(answer->body);
  if (!answer->json.is_object()) {
    return fail(
        {base::ErrorCode::kInternal,
         "What answers there is no admin listener of StorySign: its answer is no JSON object."});
  }
  return write_stdout(options.json ? answer->json.dump(2) + "\n" : order->text(answer->json));
}

}  // namespace

void add_ctl(CLI::App& app, int& status) {
  CLI::App* const command =
      app.add_subcommand("ctl", "Look at a running server, and give it orders");
  command->require_subcommand(1);
  // The callbacks keep it alive; CLI11 copies them, so shared it is.
  const auto options = std::make_shared<Options>();
  add_settings_options(*command, options->config_file);
  command->add_flag("--json", options->json, "Print the server's answer as JSON");
  const auto verb = [&](const char* name, const char* does,
                        std::function<Parsed(const Options&)> parse) {
    CLI::App* const sub = command->add_subcommand(name, does);
    sub->fallthrough();
    sub->callback([command, options, parse = std::move(parse), &status] {
      status = run(*options, command->remaining(), parse);
    });
    return sub;
  };
  const auto asks = [](std::string path, std::function<std::string(const json&)> text) {
    return [path = std::move(path), text = std::move(text)](const Options& /*options*/) -> Parsed {
      return Order{.path = path, .body = {}, .text = text};
    };
  };
  verb("status", "How the server is", asks("/api/overview", &status_text));
  verb("sessions", "Who is connected", asks("/api/sessions", &sessions_text));
  verb("alerts", "What hurts", asks("/api/alerts", &alerts_text));
  const auto for_whom = [&](CLI::App* sub) {
    sub->add_option("WHO", options->who, "Number of a session, or all")->required();
    return sub;
  };
  for_whom(verb("set-profile", "Set the quality profile of one session or of all", &set_profile))
      ->add_option("PROFILE", options->value,
                   "auto, high_quality, balanced, high_performance or ultra_performance")
      ->required();
  for_whom(verb("set-skip", "Set the frame skip of one session or of all", &set_skip))
      ->add_option("SKIP", options->value, "0 to 30, or none for the profile's")
      ->required();
  for_whom(verb("kick", "Close one session", &kick))
      ->add_option("--reason", options->reason, "What the learner is told");
  verb("workers", "Set how many threads compute", &set_workers)
      ->add_option("COUNT", options->value, "1 to 256, or auto to follow the machine")
      ->required();
  verb("drain", "Tell every learner, answer what is in flight, and end the server",
       [](const Options& /*options*/) -> Parsed {
         return Order{
             .path = "/api/drain", .body = json::object(), .text = say("The server is stopping.")};
       });
  CLI::App* const log =
      verb("log", "Show the levels of the log, or set that of a room", &log_levels);
  log->add_option("ROOM", options->room, "all, or a room such as server");
  log->add_option("LEVEL", options->level, "debug, info, warning, error, off or default");
  verb("reload", "Have the server read its configuration again",
       [](const Options& /*options*/) -> Parsed {
         return Order{.path = "/api/reload", .body = json::object(), .text = &reload_text};
       });
  verb("backup", "Have the server write a backup of its store", &backup)
      ->add_option("FILE", options->file, "Name of the backup; else it gets one with the time");
  verb("trace", "Print the times of sampled frames, for chrome://tracing", &trace)
      ->add_option("--frames", options->frames, "How many of the last ones; else all that are kept")
      ->check(CLI::PositiveNumber);
}

}  // namespace storysign::app
