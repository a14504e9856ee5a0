// SPDX-License-Identifier: Apache-2.0
// Reads factord.conf and its drop-ins: ini files in systemd's style. Anything that is not understood is an error with
// file and line; nothing is guessed. Used by main at start and on SIGHUP.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

#include "daemon/policy.hpp"
#include "ipc/admission.hpp"
#include "ipc/static_authorizer.hpp"

namespace factord::daemon {

// What [RelyingParty] says about attestation, as written: the files are not read yet. Empty: not set.
struct AttestationSettings {
  bool trust_required = false;
  std::filesystem::path trust_anchors;  // a directory
  std::filesystem::path metadata;
  std::filesystem::path metadata_root;
  std::string metadata_signer;
  std::set<std::string, std::less<>> allowed, denied;  // AAGUIDs
};

// Who is asked whether a call is allowed.
enum class Authority : std::uint8_t { polkit, allow_lines };

struct Config {
  Authority authority = Authority::polkit;
  bool self_service = true;
  std::vector<ipc::Allowance> allowances;
  ipc::Limits limits;
  Policy policy;  // domain is empty where the file names none; attestation_policy is not there yet
  AttestationSettings attestation;
  bool synchronized_clock_required = false;
};

// The text is for the administrator: "/etc/factord/factord.conf:7: unknown key 'Domian' in [RelyingParty]".
struct ConfigError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

enum class Presence { optional, required };

// Reads `file` and, sorted by name, FILE.d/*.conf; later lines win, Allow= lines add up. Throws ConfigError.
Config read_config(const std::filesystem::path& file, Presence presence);

}  // namespace factord::daemon
