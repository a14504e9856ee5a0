// SPDX-License-Identifier: Apache-2.0
#include "daemon/config.hpp"

#include <grp.h>
#include <pwd.h>

#include <algorithm>
#include <charconv>
#include <fstream>
#include <functional>
#include <iterator>
#include <map>
#include <sstream>

#include "core/text.hpp"

namespace factord::daemon {
namespace {

constexpr std::uint32_t longest_duration = 30 * 24 * 60 * 60;  // seconds

// What is wrong with a value, without place: the reader adds file and line.
struct BadValue : std::runtime_error {
  using std::runtime_error::runtime_error;
};

std::string trimmed(const std::string& text) {
  const auto first = text.find_first_not_of(" \t\r");
  if (first == std::string::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r") - first + 1);
}

std::vector<std::string> words_of(const std::string& text) {
  std::istringstream stream(text);
  return {std::istream_iterator<std::string>(stream), {}};
}

bool truth(const std::string& text) {
  if (text == "yes" || text == "true" || text == "on" || text == "1") return true;
  if (text == "no" || text == "false" || text == "off" || text == "0") return false;
  throw BadValue("must be yes or no");
}

std::uint32_t number(const std::string& text, std::uint32_t least, std::uint32_t most) {
  std::uint32_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value < least || value > most)
    throw BadValue("must be a number from " + std::to_string(least) + " to " + std::to_string(most));
  return value;
}

// As systemd writes them: 90, 90s, 5min, 1h. A number alone is seconds.
std::chrono::seconds duration(const std::string& text) {
  static const std::map<std::string, std::uint32_t, std::less<>> units = {
      {"", 1}, {"s", 1}, {"min", 60}, {"h", 60 * 60}, {"d", 24 * 60 * 60}};
  const auto digits = std::min(text.find_first_not_of("0123456789"), text.size());
  const auto unit = units.find(text.substr(digits));
  if (unit == units.end()) throw BadValue("must be a time such as 30s, 5min or 1h");
  return std::chrono::seconds(number(text.substr(0, digits), 1, longest_duration / unit->second)) * unit->second;
}

std::string domain(const std::string& text) {
  if (!valid_domain(text)) throw BadValue("must be a domain in lower case");
  return text;
}

std::vector<std::string> domains(const std::string& text) {
  std::vector<std::string> all;
  for (const std::string& word : words_of(text)) all.push_back(domain(word));
  return all;
}

std::vector<std::string> origins(const std::string& text) {
  std::vector<std::string> all = words_of(text);
  for (const std::string& origin : all)
    if (origin.find(':') == std::string::npos || origin.back() == '/')
      throw BadValue("must hold origins such as https://example.org, without a slash at the end");
  return all;
}

webauthn::UserVerification user_verification(const std::string& text) {
  if (const auto known = webauthn::user_verification_named(text)) return *known;
  throw BadValue("must be required, preferred or discouraged");
}

void verify_users(Config& config, const std::string& text) {
  config.policy.user_verification = config.policy.check_user_verification = user_verification(text);
}

webauthn::AttestationConveyance attestation(const std::string& text) {
  if (const auto known = webauthn::attestation_conveyance_named(text)) return *known;
  throw BadValue("must be none, indirect or direct");
}

// The daemon runs in /, whatever folder the administrator was in.
std::filesystem::path place(const std::string& text) {
  if (!text.empty() && text.front() != '/') throw BadValue("must be an absolute path");
  return text;
}

std::set<std::string, std::less<>> authenticators(const std::string& text) {
  std::set<std::string, std::less<>> all;
  for (const std::string& word : words_of(text)) {
    const auto aaguid = webauthn::aaguid_named(word);
    if (!aaguid) throw BadValue("must hold AAGUIDs such as 00000000-0000-0000-0000-000000000000");
    all.insert(*aaguid);
  }
  return all;
}

void name_account(const std::string& text, ipc::Allowance& allowance) {
  const auto colon = text.find(':');
  const std::string kind = text.substr(0, colon), name = colon == std::string::npos ? "" : text.substr(colon + 1);
  if (kind == "uid") {
    allowance.uid = number(name, 0, UINT32_MAX - 1);
  } else if (kind == "user") {
    const passwd* account = getpwnam(name.c_str());
    if (account == nullptr) throw BadValue("names a user that does not exist: " + name);
    allowance.uid = account->pw_uid;
  } else if (kind == "group") {
    const group* found = getgrnam(name.c_str());
    if (found == nullptr) throw BadValue("names a group that does not exist: " + name);
    allowance.gid = found->gr_gid;
  } else {
    throw BadValue("must begin with uid:N, user:NAME or group:NAME");
  }
}

std::vector<ipc::Permission> permissions(const std::string& text) {
  std::vector<ipc::Permission> all;
  std::istringstream stream(text + ',');  // getline() would not see an empty word at the end
  for (std::string word; std::getline(stream, word, ',');) {
    const auto permission = ipc::permission_named(word);
    if (!permission) throw BadValue("names an unknown permission: " + word);
    all.push_back(*permission);
  }
  return all;
}

ipc::Allowance allowance(const std::string& text) {
  const std::vector<std::string> words = words_of(text);
  if (words.size() < 2 || words.size() > 3) throw BadValue("must be WHO PERMISSION[,PERMISSION…] [org:ORG]");
  ipc::Allowance allowance;
  name_account(words[0], allowance);
  allowance.permissions = permissions(words[1]);
  if (words.size() == 3) {
    const std::string organization = words[2].starts_with("org:") ? words[2].substr(4) : "";
    if (!core::valid_identifier(organization)) throw BadValue("names no organization after org:");
    allowance.organization = organization;
  }
  return allowance;
}

Authority authority(const std::string& text) {
  if (text == "polkit") return Authority::polkit;
  if (text == "static") return Authority::allow_lines;
  throw BadValue("must be polkit or static");
}

using Setter = std::function<void(Config&, const std::string&)>;

Setter limit(std::uint32_t ipc::Limits::*member) {
  return [member](Config& config, const std::string& text) { config.limits.*member = number(text, 1, 65536); };
}

const std::map<std::string, std::map<std::string, Setter>>& keys() {
  static const std::map<std::string, std::map<std::string, Setter>> table = {
      {"Access",
       {{"Authorizer", [](Config& config, const std::string& text) { config.authority = authority(text); }},
        {"Allow", [](Config& config, const std::string& text) { config.allowances.push_back(allowance(text)); }},
        {"SelfService", [](Config& config, const std::string& text) { config.self_service = truth(text); }}}},
      {"RelyingParty",
       {{"Domain", [](Config& config, const std::string& text) { config.policy.domain = domain(text); }},
        {"Origins", [](Config& config, const std::string& text) { config.policy.origins = origins(text); }},
        {"AllowedDomains",
         [](Config& config, const std::string& text) { config.policy.allowed_domains = domains(text); }},
        {"UserVerification", verify_users},
        {"Attestation", [](Config& config, const std::string& text) { config.policy.attestation = attestation(text); }},
        {"RequireTrustedAttestation",
         [](Config& config, const std::string& text) { config.attestation.trust_required = truth(text); }},
        {"TrustAnchors",
         [](Config& config, const std::string& text) { config.attestation.trust_anchors = place(text); }},
        {"Metadata", [](Config& config, const std::string& text) { config.attestation.metadata = place(text); }},
        {"MetadataRoot",
         [](Config& config, const std::string& text) { config.attestation.metadata_root = place(text); }},
        {"MetadataSigner",
         [](Config& config, const std::string& text) { config.attestation.metadata_signer = domain(text); }},
        {"AllowedAuthenticators",
         [](Config& config, const std::string& text) { config.attestation.allowed = authenticators(text); }},
        {"DeniedAuthenticators",
         [](Config& config, const std::string& text) { config.attestation.denied = authenticators(text); }}}},
      {"Totp",
       {{"Skew", [](Config& config, const std::string& text) { config.policy.totp_skew = number(text, 0, 10); }},
        {"RequireSynchronizedClock",
         [](Config& config, const std::string& text) { config.synchronized_clock_required = truth(text); }}}},
      {"Lockout",
       {{"MaxOTPAttempts",
         [](Config& config, const std::string& text) { config.policy.lockout.attempts = number(text, 1, 100); }},
        {"Duration", [](Config& config, const std::string& text) { config.policy.lockout.first = duration(text); }},
        {"MaxDuration",
         [](Config& config, const std::string& text) { config.policy.lockout.longest = duration(text); }}}},
      {"Policy",
       {{"ProtectLastFactor",
         [](Config& config, const std::string& text) { config.policy.protect_last_factor = truth(text); }}}},
      {"Limits",
       {{"FactorsPerUser",
         [](Config& config, const std::string& text) { config.policy.factors_per_user = number(text, 1, 1000); }},
        {"PendingPerUid",
         [](Config& config, const std::string& text) { config.policy.pending_per_uid = number(text, 1, 65536); }},
        {"ChallengesPerUid",
         [](Config& config, const std::string& text) { config.policy.challenges_per_uid = number(text, 1, 65536); }},
        {"SubscriptionsPerConnection", limit(&ipc::Limits::subscriptions_per_connection)},
        {"RequestsPerConnection", limit(&ipc::Limits::requests_per_connection)},
        {"RequestsPerUid", limit(&ipc::Limits::requests_per_uid)}}},
  };
  return table;
}

class Reader {
 public:
  Reader(Config& config, const std::filesystem::path& file) : config_(config), file_(file) {}

  void read(std::istream& stream) {
    for (std::string line; std::getline(stream, line);) {
      ++line_;
      take(trimmed(line));
    }
    if (stream.bad()) refuse("cannot be read");
  }

 private:
  [[noreturn]] void refuse(const std::string& what) const {
    throw ConfigError(file_.string() + ":" + std::to_string(line_) + ": " + what);
  }

  void take(const std::string& line) {
    if (line.empty() || line.front() == '#' || line.front() == ';') return;
    if (line.front() == '[' && line.back() == ']') return enter(line.substr(1, line.size() - 2));
    const auto equals = line.find('=');
    if (equals == std::string::npos) refuse("neither [Section] nor Key=Value");
    set(trimmed(line.substr(0, equals)), trimmed(line.substr(equals + 1)));
  }

  void enter(const std::string& section) {
    if (!keys().contains(section)) refuse("unknown section [" + section + "]");
    section_ = section;
  }

  void set(const std::string& key, const std::string& value) try {
    if (section_.empty()) refuse("a key before any section");
    const auto& known = keys().at(section_);
    const auto setter = known.find(key);
    if (setter == known.end()) refuse("unknown key '" + key + "' in [" + section_ + "]");
    setter->second(config_, value);
    remember(key + "=" + value);
  } catch (const BadValue& bad) {
    refuse(key + "= " + bad.what());
  }

  // The line that has just been set; by a name that stays on the wire, where the folder is nobody's business.
  void remember(const std::string& text) {
    if (config_.allowances.empty() || !config_.allowances.back().line.empty()) return;
    const auto folder = file_.parent_path().filename();
    const auto name = folder.extension() == ".d" ? folder / file_.filename() : file_.filename();
    const std::string place = name.string() + ":" + std::to_string(line_);
    const std::string whole = place + ": " + text;
    config_.allowances.back().line = core::valid_utf8(whole) ? whole : "line " + std::to_string(line_);
  }

  Config& config_;
  const std::filesystem::path& file_;
  std::string section_;
  int line_ = 0;
};

std::vector<std::filesystem::path> drop_ins(const std::filesystem::path& file) {
  std::vector<std::filesystem::path> files;
  const std::filesystem::path folder = file.string() + ".d";
  std::error_code error;
  for (std::filesystem::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error))
    if (entry->path().extension() == ".conf") files.push_back(entry->path());
  // A folder that cannot be read may hold rules that take rights away: it must not count as empty.
  if (error && error != std::errc::no_such_file_or_directory)
    throw ConfigError(folder.string() + ": " + error.message());
  std::ranges::sort(files);
  return files;
}

// Settings that together cannot mean what each of them says. Null: none.
const char* contradiction(const Lockout& lockout) {
  return lockout.longest < lockout.first ? "MaxDuration= is shorter than Duration=" : nullptr;
}

const char* contradiction(const Config& config) {
  const AttestationSettings& set = config.attestation;
  if (set.trust_required && config.policy.attestation == webauthn::AttestationConveyance::none)
    return "RequireTrustedAttestation=yes needs Attestation=direct or indirect: else nobody is asked for one";
  if (set.trust_required && set.trust_anchors.empty() && set.metadata.empty())
    return "RequireTrustedAttestation=yes needs TrustAnchors= or Metadata=: else nothing is trusted";
  if (!set.trust_required && !set.trust_anchors.empty())
    return "TrustAnchors= does nothing without RequireTrustedAttestation=yes";
  if (!set.metadata.empty() && set.metadata_root.empty())
    return "Metadata= needs MetadataRoot=: else anybody could have signed it";
  if (set.metadata.empty() && (!set.metadata_root.empty() || !set.metadata_signer.empty()))
    return "MetadataRoot= and MetadataSigner= do nothing without Metadata=";
  for (const std::string& aaguid : set.allowed)
    if (set.denied.contains(aaguid)) return "AllowedAuthenticators= and DeniedAuthenticators= name the same one";
  return nullptr;
}

}  // namespace

Config read_config(const std::filesystem::path& file, Presence presence) {
  Config config;
  if (std::ifstream stream(file); stream)
    Reader(config, file).read(stream);
  else if (std::error_code error; presence == Presence::required || std::filesystem::exists(file, error) || error)
    throw ConfigError(file.string() + ": cannot be opened");
  for (const auto& drop_in : drop_ins(file)) {
    std::ifstream stream(drop_in);
    if (!stream) throw ConfigError(drop_in.string() + ": cannot be opened");
    Reader(config, drop_in).read(stream);
  }
  if (const char* what = contradiction(config.policy.lockout)) throw ConfigError(file.string() + ": [Lockout] " + what);
  if (const char* what = contradiction(config)) throw ConfigError(file.string() + ": [RelyingParty] " + what);
  return config;
}

}  // namespace factord::daemon
