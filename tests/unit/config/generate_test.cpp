#include "config/generate.hpp"

#include "config/keys.hpp"
#include "config/loader.hpp"
#include "temporary_file.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <fstream>
#include <iterator>
#include <string>
#include <string_view>

namespace storysign::config {
namespace {

using testing::HasSubstr;

std::string kept(const std::string& path) {
  std::ifstream file(std::string(STORYSIGN_SOURCE_DIR) + "/" + path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

constexpr std::string_view kCure =
    "src/config/settings_table.inc has changed: cmake --build build/release --target "
    "generated_files";

TEST(Generated, FilesInTheTreeAreWhatTheProgramPrints) {
  EXPECT_EQ(kept("config/config.yaml"), defaults_yaml()) << kCure;
  EXPECT_EQ(kept("config/config.schema.json"), schema_json()) << kCure;
  EXPECT_EQ(kept("docs/configuration.md"), docs_markdown()) << kCure;
}

TEST(Generated, DefaultFileLoadsToTheDefaultsAndSetsEveryKey) {
  const TemporaryFile file(defaults_yaml());
  const auto loaded = load({file.path(), {}, {}});
  ASSERT_TRUE(loaded) << loaded.error().front().message;
  for (std::size_t i = 0; i < keys().size(); ++i) {
    const Key& key = keys()[i];
    EXPECT_EQ(key.get(loaded->settings), key.get(Settings{})) << key.name;
    EXPECT_EQ(loaded->origins.at(i).kind, Origin::Kind::kFile) << key.name;
  }
}

TEST(Generated, DefaultFileKeepsToTheColumns) {
  std::istringstream text(defaults_yaml());
  for (std::string line; std::getline(text, line);) EXPECT_LE(line.size(), 100U) << line;
}

/// Goes through the schema and writes the defaults that it states, as YAML.
std::string yaml_of_schema(const nlohmann::json& schema) {
  std::string out;
  for (const auto& [name, property] : schema.at("properties").items()) {
    if (!property.contains("properties")) {
      out += fmt::format("{}: {}\n", name, property.at("default").dump());
      continue;
    }
    out += fmt::format("{}:\n", name);
    for (const auto& [leaf, key] : property.at("properties").items()) {
      out += fmt::format("  {}: {}\n", leaf, key.at("default").dump());
    }
  }
  return out;
}

TEST(Generated, DefaultsOfTheSchemaLoadToTheDefaults) {
  const auto schema = nlohmann::json::parse(schema_json());
  EXPECT_EQ(schema.at("$schema"), "https://json-schema.org/draft/2020-12/schema");
  const TemporaryFile file(yaml_of_schema(schema));
  const auto loaded = load({file.path(), {}, {}});
  ASSERT_TRUE(loaded) << loaded.error().front().message;
  for (std::size_t i = 0; i < keys().size(); ++i) {
    const Key& key = keys()[i];
    EXPECT_EQ(key.get(loaded->settings), key.get(Settings{})) << key.name;
    EXPECT_EQ(loaded->origins.at(i).kind, Origin::Kind::kFile) << key.name;
  }
}

TEST(Generated, SchemaStatesTypesRangesAndRefusesOtherKeys) {
  const auto schema = nlohmann::json::parse(schema_json());
  EXPECT_EQ(schema.at("additionalProperties"), false);
  for (const Section& section : sections()) {
    EXPECT_EQ(schema.at("properties").at(std::string(section.name)).at("additionalProperties"),
              false);
  }
  const auto& video = schema.at("properties").at("video").at("properties");
  EXPECT_EQ(video.at("fps").at("type"), "integer");
  EXPECT_EQ(video.at("fps").at("minimum"), 10);
  EXPECT_EQ(video.at("fps").at("maximum"), 60);
  EXPECT_EQ(schema.at("properties").at("gpu").at("enum"),
            nlohmann::json::array({"off", "auto", "require"}));
}

TEST(Generated, TextsNameEveryKeyAndVariableAndSayWhoActsOnIt) {
  const std::string docs = docs_markdown();
  const std::string yaml = defaults_yaml();
  for (const Key& key : keys()) {
    EXPECT_THAT(docs, HasSubstr(fmt::format("| `{}` |", key.name)));
    EXPECT_THAT(docs, HasSubstr(fmt::format("`{}`", environment_name(key))));
    EXPECT_THAT(yaml, HasSubstr(fmt::format("{}: ", key.leaf)));
  }
  for (const Alias& alias : aliases()) EXPECT_THAT(docs, HasSubstr(std::string(alias.variable)));
  EXPECT_THAT(yaml, HasSubstr("(true or false; used by serve; live)\n  enabled: true\n"));
  EXPECT_THAT(yaml, HasSubstr("used by annotate, serve; restart)\n  model_complexity: 0\n"));
  EXPECT_THAT(yaml, HasSubstr("(a whole number from 10 to 60 frames/s; used by serve; live)\n"));
  // Another YAML reader takes a bare off for false.
  EXPECT_THAT(yaml, HasSubstr("\ngpu: \"off\"\n"));
}

}  // namespace
}  // namespace storysign::config
