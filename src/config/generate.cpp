#include "config/generate.hpp"

#include "config/keys.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace storysign::config {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kColumns = 100;

std::string default_text(const Key& key) {
  return to_text(key.get(Settings{}));
}

/// Who acts on the key.
std::string readers_text(Readers readers) {
  std::vector<std::string_view> names;
  if ((readers & kAnnotate) != 0) names.emplace_back("annotate");
  if ((readers & kCtl) != 0) names.emplace_back("ctl");
  if ((readers & kDoctor) != 0) names.emplace_back("doctor");
  if ((readers & kServer) != 0) names.emplace_back("serve");
  if ((readers & kStore) != 0) names.emplace_back("backup, restore and account");
  const std::string_view change = (readers & kServer) == 0 ? ""
                                  : (readers & kLive) != 0 ? "; live"
                                                           : "; restart";
  return fmt::format("used by {}{}", fmt::join(names, ", "), change);
}

constexpr std::string_view kWhenItCounts =
    "A running server takes a new value of a \"live\" key at a reload; one with \"restart\" needs "
    "a restart.";

/// Breaks `text` at spaces into lines that start with `prefix` and fit kColumns.
std::string comment(std::string_view text, std::string_view prefix) {
  std::string out;
  std::string line(prefix);
  while (!text.empty()) {
    const std::size_t space = text.find(' ');
    const std::string_view word = text.substr(0, space);
    text = space == std::string_view::npos ? std::string_view() : text.substr(space + 1);
    if (line.size() > prefix.size() && line.size() + word.size() + 1 > kColumns) {
      out += line + "\n";
      line = prefix;
    }
    line += ' ';
    line += word;
  }
  return out + line + "\n";
}

/// Quoted where a YAML 1.1 reader would take the text for a boolean or for nothing.
std::string yaml_value(const Key& key) {
  const std::string text = default_text(key);
  const bool is_text = key.type == ValueType::kText || key.type == ValueType::kChoice;
  const bool quotes = is_text && (text.empty() || text == "off" || text == "on");
  return quotes ? fmt::format("\"{}\"", text) : text;
}

std::string yaml_entry(const Key& key) {
  const std::string indent = key.section.empty() ? "" : "  ";
  return comment(key.doc, indent + "#") +
         comment(fmt::format("({}; {})", accepted(key), readers_text(key.readers)), indent + "#") +
         fmt::format("{}{}: {}\n", indent, key.leaf, yaml_value(key));
}

/// Calls `top` for each key outside every section and `section` for each section with its keys, in
/// the table's order.
template <class OnTop, class OnSection>
void for_each_group(OnTop top, OnSection on_section) {
  std::string_view last;
  for (const Key& key : keys()) {
    if (key.section.empty()) {
      top(key);
    } else if (key.section != last) {
      const auto all = sections();
      on_section(*std::find_if(all.begin(), all.end(),
                               [&](const Section& s) { return s.name == key.section; }));
    }
    last = key.section;
  }
}

std::vector<Key> keys_of(const Section& section) {
  std::vector<Key> out;
  for (const Key& key : keys()) {
    if (key.section == section.name) out.push_back(key);
  }
  return out;
}

Json json_value(const Key& key) {
  return std::visit([](const auto& held) { return Json(held); }, key.get(Settings{}));
}

Json key_schema(const Key& key) {
  Json out;
  out["description"] = fmt::format("{} ({})", key.doc, readers_text(key.readers));
  switch (key.type) {
    case ValueType::kBoolean:
      out["type"] = "boolean";
      break;
    case ValueType::kInteger:
      out["type"] = "integer";
      out["minimum"] = static_cast<std::int64_t>(key.min);
      out["maximum"] = static_cast<std::int64_t>(key.max);
      break;
    case ValueType::kReal:
      out["type"] = "number";
      out["minimum"] = key.min;
      out["maximum"] = key.max;
      break;
    case ValueType::kChoice:
      out["type"] = "string";
      out["enum"] = key.choices;
      break;
    case ValueType::kText:
      out["type"] = "string";
      if (key.form == TextForm::kHost) {
        out["pattern"] = "^[A-Za-z0-9.:-]{1,253}$";
      } else {
        out["maxLength"] = 4096;
      }
      break;
  }
  out["default"] = json_value(key);
  return out;
}

std::string markdown_row(const Key& key) {
  const std::string text = default_text(key);
  std::string variables = fmt::format("`{}`", environment_name(key));
  for (const Alias& alias : aliases()) {
    if (alias.key == key.name) {
      variables += fmt::format(
          ", `{}`{}", alias.variable,
          alias.is_switch ? fmt::format(" (true: {}, false: {})", alias.if_true, alias.if_false)
                          : "");
    }
  }
  return fmt::format("| `{}` | {} | {} | {} | {} | {} |\n", key.name,
                     text.empty() ? "(empty)" : fmt::format("`{}`", text), accepted(key), key.doc,
                     readers_text(key.readers), variables);
}

constexpr std::string_view kTableHead =
    "| key | default | must be | meaning | effect | environment |\n|---|---|---|---|---|---|\n";

constexpr std::string_view kPageHead = R"(# Configuration

This page is printed by `storysign config docs` from the table `src/config/settings_table.inc`; a
test keeps the two equal.

A setting is taken from the last of these that gives it:

1. the default built into the program,
2. the file: `-c FILE`, else `config.yaml` in the working folder if there is one,
3. the environment: `STORYSIGN_<SECTION>__<KEY>` in upper case, such as `STORYSIGN_VIDEO__FPS=25`,
4. the command line: `--section.key=value`, such as `--video.fps=25`.

| to | run |
|---|---|
| start a file with every key and its default | `storysign config defaults > config.yaml` |
| check a file, the environment and flags | `storysign config check -c config.yaml` |
| see each value in force and where it came from | `storysign config show` (`--json` for programs) |
| give an editor completion and checks | `storysign config schema > config.schema.json` |
| see whether the machine fits the settings | `storysign doctor` |

Unknown keys and variables, wrong types, values out of range, a key given twice and values that
contradict each other are refused, all in one run, each with the file and line (or the variable or
flag) and the key; the exit code is then 2. Booleans are `true` and `false`; in the environment and
on the command line also `1` and `0`. One source that gives a key two different values, for example
through two variables, is refused. Variables that begin with `STORYSIGN_` but have no `__` and are
not in the tables belong to tools around the program and are passed over.

Together: `server.tls_certificate` and `server.tls_key` are both set or both empty;
`websocket.ping_timeout_ms` is at most `websocket.ping_interval_ms`; no warning of `alerts` is above
its critical value;
`gesture_detection.smoothing_window` is at most `gesture_detection.landmark_buffer_size`, which also
holds a gesture of `gesture_detection.min_gesture_duration_ms` at `video.fps`. `store.url` holds no
password.
)";

}  // namespace

std::string defaults_yaml() {
  std::string out =
      comment(
          "StorySign's settings with their defaults; made by `storysign config defaults`, "
          "explained in docs/configuration.md.",
          "#") +
      comment("Keep the lines you want to change. After a change: `storysign config check`.", "#") +
      comment(kWhenItCounts, "#") + "# yaml-language-server: $schema=config.schema.json\n";
  for_each_group([&](const Key& key) { out += "\n" + yaml_entry(key); },
                 [&](const Section& section) {
                   out += "\n" + comment(section.doc, "#") + fmt::format("{}:\n", section.name);
                   for (const Key& key : keys_of(section)) out += yaml_entry(key);
                 });
  return out;
}

std::string schema_json() {
  Json properties = Json::object();
  for_each_group([&](const Key& key) { properties[std::string(key.name)] = key_schema(key); },
                 [&](const Section& section) {
                   Json members = Json::object();
                   for (const Key& key : keys_of(section)) {
                     members[std::string(key.leaf)] = key_schema(key);
                   }
                   // A section of which every key is commented out is null in YAML.
                   properties[std::string(section.name)] = {{"description", section.doc},
                                                            {"type", {"object", "null"}},
                                                            {"additionalProperties", false},
                                                            {"properties", std::move(members)}};
                 });
  const Json schema = {{"$schema", "https://json-schema.org/draft/2020-12/schema"},
                       {"title", "StorySign configuration"},
                       {"description", kWhenItCounts},
                       {"type", {"object", "null"}},
                       {"additionalProperties", false},
                       {"properties", std::move(properties)}};
  return schema.dump(2) + "\n";
}

std::string docs_markdown() {
  std::string out = fmt::format("{}\n{}\n", kPageHead, kWhenItCounts);
  for_each_group(
      [&](const Key& key) {
        out += fmt::format("\n## {}\n\n{}{}", key.name, kTableHead, markdown_row(key));
      },
      [&](const Section& section) {
        out += fmt::format("\n## {}\n\n{}\n\n{}", section.name, section.doc, kTableHead);
        for (const Key& key : keys_of(section)) out += markdown_row(key);
      });
  return out;
}

}  // namespace storysign::config
