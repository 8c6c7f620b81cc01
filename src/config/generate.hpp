#pragma once

#include <string>

namespace storysign::config {

/// A config.yaml that sets every key to its default, with a comment on each. Kept as
/// config/config.yaml.
[[nodiscard]] std::string defaults_yaml();

/// JSON schema (draft 2020-12) of a configuration file. Kept as config/config.schema.json.
[[nodiscard]] std::string schema_json();

/// The page docs/configuration.md.
[[nodiscard]] std::string docs_markdown();

}  // namespace storysign::config
