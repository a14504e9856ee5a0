// SPDX-License-Identifier: Apache-2.0
#include "daemon/options.hpp"

#include <getopt.h>

#include <cstdio>
#include <cstdlib>
#include <stdexcept>

namespace factord::daemon {
namespace {

constexpr char help[] =
    "factord [--bus system|session|ADDRESS] [--state-dir DIR] [--config FILE] [--key-file FILE]\n"
    "Keeps this machine's authentication factors and serves them as org.factord1 on D-Bus.\n"
    "  --bus ADDRESS    which bus (default: system)\n"
    "  --state-dir DIR  where the store lies (default: $STATE_DIRECTORY, else /var/lib/factord)\n"
    "  --config FILE    default: /etc/factord/factord.conf, with FILE.d/*.conf\n"
    "  --key-file FILE  32 raw bytes instead of $CREDENTIALS_DIRECTORY/factord.master-key; made where neither it nor "
    "a\n"
    "                   store exists\n"
    "  --help, --version\n";

enum Long { bus = 1, state_dir, config, key_file, show_help, show_version };

constexpr option known[] = {{"bus", required_argument, nullptr, bus},
                            {"state-dir", required_argument, nullptr, state_dir},
                            {"config", required_argument, nullptr, config},
                            {"key-file", required_argument, nullptr, key_file},
                            {"help", no_argument, nullptr, show_help},
                            {"version", no_argument, nullptr, show_version},
                            {nullptr, 0, nullptr, 0}};

std::filesystem::path default_state_dir() {
  const char* given = std::getenv("STATE_DIRECTORY");
  return given != nullptr ? given : "/var/lib/factord";
}

}  // namespace

std::optional<Options> parse_options(int argc, char** argv) {
  Options options{.state_dir = default_state_dir(), .key_file = {}};
  opterr = 0;
  for (int choice; (choice = getopt_long(argc, argv, "", known, nullptr)) != -1;) switch (choice) {
      case bus:
        options.bus = optarg;
        break;
      case state_dir:
        options.state_dir = optarg;
        break;
      case config:
        options.config = optarg;
        options.config_given = true;
        break;
      case key_file:
        options.key_file = optarg;
        break;
      case show_help:
        std::fputs(help, stdout);
        return std::nullopt;
      case show_version:
        std::puts("factord " FACTORD_VERSION);
        return std::nullopt;
      default:
        throw std::invalid_argument(std::string("unknown or incomplete option; see --help"));
    }
  if (optind != argc) throw std::invalid_argument("takes no arguments besides options; see --help");
  return options;
}

}  // namespace factord::daemon
