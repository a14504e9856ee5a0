// SPDX-License-Identifier: Apache-2.0
// The command line of factord. Used by main alone.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

namespace factord::daemon {

struct Options {
  std::string bus = "system";
  std::filesystem::path state_dir;
  std::filesystem::path config = "/etc/factord/factord.conf";
  bool config_given = false;
  std::optional<std::filesystem::path> key_file;
};

// Nothing where --help or --version has been answered. Throws std::invalid_argument with a text for the user.
std::optional<Options> parse_options(int argc, char** argv);

}  // namespace factord::daemon
