// SPDX-License-Identifier: Apache-2.0
#include "daemon/config.hpp"

#include <grp.h>
#include <pwd.h>

#include "tests/support/catch.hpp"
#include "tests/unit/daemon/config_files.hpp"

using namespace factord;
using namespace factord::daemon;
using namespace factord::tests::configuration;

namespace {

std::string allow_fault(const std::string& value) { return fault("[Access]\nAllow=" + value + "\n"); }

ipc::Allowance allowance(const std::string& value) {
  const auto config = of("[Access]\nAllow=" + value + "\n");
  REQUIRE(config.allowances.size() == 1);
  return config.allowances[0];
}

}  // namespace

TEST_CASE("an empty file gives the defaults") {
  const Config config = of("");
  CHECK(config.self_service);
  CHECK(config.allowances.empty());
  CHECK(config.policy.domain.empty());
  CHECK(config.policy.origins.empty());
  CHECK(config.policy.allowed_domains.empty());
  CHECK(config.policy.user_verification == webauthn::UserVerification::required);
  CHECK(config.policy.attestation == webauthn::AttestationConveyance::none);
  CHECK(config.policy.attestation_policy == nullptr);
  CHECK_FALSE(config.attestation.trust_required);
  CHECK(config.attestation.trust_anchors.empty());
  CHECK(config.attestation.metadata.empty());
  CHECK(config.attestation.metadata_root.empty());
  CHECK(config.attestation.metadata_signer.empty());
  CHECK(config.attestation.allowed.empty());
  CHECK(config.attestation.denied.empty());
  CHECK(config.policy.totp_skew == 1);
  CHECK(config.policy.factors_per_user == 32);
  CHECK_FALSE(config.policy.protect_last_factor);
}

TEST_CASE("every key is read") {
  const Config config = of(R"(
[Access]
Authorizer=static
Allow=uid:5 user.read
SelfService=no
[RelyingParty]
Domain=example.org
Origins=https://example.org https://login.example.org:8443 android:apk-key-hash:abc
AllowedDomains=a.example b.example
UserVerification=preferred
Attestation=direct
RequireTrustedAttestation=yes
TrustAnchors=/etc/factord/anchors of trust
Metadata=/etc/factord/blob.jwt
MetadataRoot=/etc/ssl/root.pem
MetadataSigner=mds.example.org
AllowedAuthenticators=00000000-0000-0000-0000-000000000000 ABABABAB-abab-abab-abab-abababababab
DeniedAuthenticators=cdcdcdcd-abab-abab-abab-abababababab
[Totp]
Skew=3
RequireSynchronizedClock=yes
[Lockout]
MaxOTPAttempts=3
Duration=2min
MaxDuration=1d
[Policy]
ProtectLastFactor=yes
[Limits]
FactorsPerUser=7
PendingPerUid=6
ChallengesPerUid=10
SubscriptionsPerConnection=5
RequestsPerConnection=8
RequestsPerUid=9
)");
  CHECK(config.authority == Authority::allow_lines);
  CHECK_FALSE(config.self_service);
  CHECK(config.allowances.size() == 1);
  CHECK(config.policy.domain == "example.org");
  CHECK(config.policy.origins ==
        std::vector<std::string>{"https://example.org", "https://login.example.org:8443", "android:apk-key-hash:abc"});
  CHECK(config.policy.allowed_domains == std::vector<std::string>{"a.example", "b.example"});
  CHECK(config.policy.user_verification == webauthn::UserVerification::preferred);
  CHECK(config.policy.check_user_verification == webauthn::UserVerification::preferred);
  CHECK(config.policy.attestation == webauthn::AttestationConveyance::direct);
  CHECK(config.attestation.trust_required);
  CHECK(config.attestation.trust_anchors == "/etc/factord/anchors of trust");
  CHECK(config.attestation.metadata == "/etc/factord/blob.jwt");
  CHECK(config.attestation.metadata_root == "/etc/ssl/root.pem");
  CHECK(config.attestation.metadata_signer == "mds.example.org");
  CHECK(config.attestation.allowed == std::set<std::string, std::less<>>{"00000000-0000-0000-0000-000000000000",
                                                                         "abababab-abab-abab-abab-abababababab"});
  CHECK(config.attestation.denied == std::set<std::string, std::less<>>{"cdcdcdcd-abab-abab-abab-abababababab"});
  CHECK(config.policy.totp_skew == 3);
  CHECK(config.synchronized_clock_required);
  CHECK(config.policy.lockout.attempts == 3);
  CHECK(config.policy.lockout.first == std::chrono::minutes(2));
  CHECK(config.policy.lockout.longest == std::chrono::days(1));
  CHECK(config.policy.protect_last_factor);
  CHECK(config.policy.factors_per_user == 7);
  CHECK(config.policy.pending_per_uid == 6);
  CHECK(config.policy.challenges_per_uid == 10);
  CHECK(config.limits.subscriptions_per_connection == 5);
  CHECK(config.limits.requests_per_connection == 8);
  CHECK(config.limits.requests_per_uid == 9);
}

TEST_CASE("an Allow= line is remembered as it stands, with file and number") {
  const Files files;
  files.write("# a comment\n[Access]\nAllow= uid:5  user.read org:acme \nSelfService=no\nAllow=uid:6 check\n");
  files.drop("50-more.conf", "[Access]\nAllow=uid:7 check\n");
  const Config config = files.read();
  REQUIRE(config.allowances.size() == 3);
  CHECK(config.allowances[0].line == "factord.conf:3: Allow=uid:5  user.read org:acme");
  CHECK(config.allowances[1].line == "factord.conf:5: Allow=uid:6 check");
  CHECK(config.allowances[2].line == "factord.conf.d/50-more.conf:2: Allow=uid:7 check");
}

TEST_CASE("blank lines, comments, blanks around keys and Windows line ends are no matter") {
  const Config config = of("# a comment\r\n\r\n; another\r\n  [Totp]\r\n\tSkew = 2 \r\n[Limits]\nFactorsPerUser=5");
  CHECK(config.policy.totp_skew == 2);
  CHECK(config.policy.factors_per_user == 5);
}

TEST_CASE("a later line wins over an earlier one") {
  CHECK(of("[Totp]\nSkew=2\nSkew=4\n").policy.totp_skew == 4);
  CHECK(of("[Totp]\nSkew=2\n[Access]\n[Totp]\nSkew=4\n").policy.totp_skew == 4);
}

TEST_CASE("times are written as systemd writes them") {
  for (const auto& [text, seconds] : {std::pair("45", 45), {"45s", 45}, {"5min", 300}, {"2h", 7200}, {"30d", 2592000}})
    CHECK(of(std::string("[Lockout]\nMaxDuration=30d\nDuration=") + text).policy.lockout.first ==
          std::chrono::seconds(seconds));
}

TEST_CASE("a lock that may last no longer than its shortest is an error that names the file") {
  CHECK(fault("[Lockout]\nDuration=2h\n") == "factord.conf: [Lockout] MaxDuration= is shorter than Duration=");
  CHECK(fault("[Lockout]\nDuration=1h\n").empty());
}

TEST_CASE("truth has the spellings of systemd") {
  for (const char* yes : {"yes", "true", "on", "1"})
    CHECK(of(std::string("[Access]\nSelfService=") + yes).self_service);
  for (const char* no : {"no", "false", "off", "0"})
    CHECK_FALSE(of(std::string("[Access]\nSelfService=") + no).self_service);
}

TEST_CASE("what is not understood is told with file and line") {
  CHECK(fault("[Acces]\n") == "factord.conf:1: unknown section [Acces]");
  CHECK(fault("\n\n[RelyingParty]\nDomian=a\n") == "factord.conf:4: unknown key 'Domian' in [RelyingParty]");
  CHECK(fault("[Totp]\nDomain=a\n") == "factord.conf:2: unknown key 'Domain' in [Totp]");
  CHECK(fault("Skew=1\n") == "factord.conf:1: a key before any section");
  CHECK(fault("[Totp]\nSkew\n") == "factord.conf:2: neither [Section] nor Key=Value");
  CHECK(fault("[Totp\nSkew=1\n") == "factord.conf:1: neither [Section] nor Key=Value");
  CHECK(fault("[]\n") == "factord.conf:1: unknown section []");
}

TEST_CASE("a value that a key cannot have is told with the key") {
  const auto [line, what] = GENERATE(table<std::string, std::string>({
      {"[Access]\nAuthorizer=nobody", "Authorizer= must be polkit or static"},
      {"[Access]\nSelfService=maybe", "SelfService= must be yes or no"},
      {"[Access]\nSelfService=", "SelfService= must be yes or no"},
      {"[RelyingParty]\nDomain=", "Domain= must be a domain in lower case"},
      {"[RelyingParty]\nDomain=Example.org", "Domain= must be a domain in lower case"},
      {"[RelyingParty]\nDomain=https://example.org", "Domain= must be a domain in lower case"},
      {"[RelyingParty]\nDomain=.example.org", "Domain= must be a domain in lower case"},
      {"[RelyingParty]\nDomain=example.org.", "Domain= must be a domain in lower case"},
      {"[RelyingParty]\nDomain=b\xc3\xbc"
       "cher.example",
       "Domain= must be a domain in lower case"},
      {"[RelyingParty]\nAllowedDomains=a.example B.example", "AllowedDomains= must be a domain in lower case"},
      {"[RelyingParty]\nOrigins=example.org",
       "Origins= must hold origins such as https://example.org, without a slash at the end"},
      {"[RelyingParty]\nOrigins=https://example.org/",
       "Origins= must hold origins such as https://example.org, without a slash at the end"},
      {"[RelyingParty]\nUserVerification=Required", "UserVerification= must be required, preferred or discouraged"},
      {"[Lockout]\nMaxOTPAttempts=0", "MaxOTPAttempts= must be a number from 1 to 100"},
      {"[Lockout]\nDuration=0s", "Duration= must be a number from 1 to 2592000"},
      {"[Lockout]\nDuration=31d", "Duration= must be a number from 1 to 30"},
      {"[Lockout]\nDuration=1 h", "Duration= must be a time such as 30s, 5min or 1h"},
      {"[Lockout]\nDuration=1w", "Duration= must be a time such as 30s, 5min or 1h"},
      {"[Lockout]\nDuration=h", "Duration= must be a number from 1 to 720"},
      {"[RelyingParty]\nAttestation=enterprise", "Attestation= must be none, indirect or direct"},
      {"[Totp]\nSkew=11", "Skew= must be a number from 0 to 10"},
      {"[Totp]\nSkew=-1", "Skew= must be a number from 0 to 10"},
      {"[Totp]\nSkew=1s", "Skew= must be a number from 0 to 10"},
      {"[Totp]\nSkew=", "Skew= must be a number from 0 to 10"},
      {"[Totp]\nSkew=4294967297", "Skew= must be a number from 0 to 10"},
      {"[Limits]\nFactorsPerUser=0", "FactorsPerUser= must be a number from 1 to 1000"},
      {"[Limits]\nFactorsPerUser=1001", "FactorsPerUser= must be a number from 1 to 1000"},
      {"[Limits]\nChallengesPerUid=0", "ChallengesPerUid= must be a number from 1 to 65536"},
      {"[Limits]\nPendingPerUid=0", "PendingPerUid= must be a number from 1 to 65536"},
      {"[Limits]\nSubscriptionsPerConnection=0", "SubscriptionsPerConnection= must be a number from 1 to 65536"},
      {"[Limits]\nRequestsPerConnection=0", "RequestsPerConnection= must be a number from 1 to 65536"},
      {"[Limits]\nRequestsPerUid=65537", "RequestsPerUid= must be a number from 1 to 65536"},
  }));
  CHECK(fault(line) == "factord.conf:2: " + what);
}

TEST_CASE("an Allow line names a uid, a user or a group, resolved when it is read") {
  CHECK(allowance("uid:4000000000 user.read").uid == 4'000'000'000);
  const auto root = allowance("user:root user.read");
  CHECK(root.uid == uid_t{0});
  CHECK_FALSE(root.gid);
  const auto group = allowance("group:root user.read");
  CHECK_FALSE(group.uid);
  CHECK(group.gid == gid_t{0});
}

TEST_CASE("an Allow line names one permission or several") {
  const auto all = allowance("uid:5 user.read,user.write,user.credential.write").permissions;
  REQUIRE(all.size() == 3);
  CHECK(all[0] == ipc::Permission::user_read);
  CHECK(all[1] == ipc::Permission::user_write);
  CHECK(all[2] == ipc::Permission::user_credential_write);
}

TEST_CASE("an Allow line holds for the default organization unless it names another") {
  CHECK_FALSE(allowance("uid:5 user.read").organization);
  CHECK(allowance("uid:5 user.read org:acme").organization == "acme");
  CHECK(allowance("uid:5 user.read  org:*").organization == "*");
}

TEST_CASE("an Allow line that is not understood is told what is wrong with it") {
  CHECK(allow_fault("") == "factord.conf:2: Allow= must be WHO PERMISSION[,PERMISSION…] [org:ORG]");
  CHECK(allow_fault("uid:5") == "factord.conf:2: Allow= must be WHO PERMISSION[,PERMISSION…] [org:ORG]");
  CHECK(allow_fault("uid:5 user.read org:acme user.write") ==
        "factord.conf:2: Allow= must be WHO PERMISSION[,PERMISSION…] [org:ORG]");
  CHECK(allow_fault("alice user.read") == "factord.conf:2: Allow= must begin with uid:N, user:NAME or group:NAME");
  CHECK(allow_fault("gid:5 user.read") == "factord.conf:2: Allow= must begin with uid:N, user:NAME or group:NAME");
  CHECK(allow_fault("uid:alice user.read") == "factord.conf:2: Allow= must be a number from 0 to 4294967294");
  CHECK(allow_fault("uid:4294967295 user.read") == "factord.conf:2: Allow= must be a number from 0 to 4294967294");
  CHECK(allow_fault("user:no-such-user user.read") ==
        "factord.conf:2: Allow= names a user that does not exist: no-such-user");
  CHECK(allow_fault("group:no-such-group user.read") ==
        "factord.conf:2: Allow= names a group that does not exist: no-such-group");
  CHECK(allow_fault("uid:5 user.reed") == "factord.conf:2: Allow= names an unknown permission: user.reed");
  CHECK(allow_fault("uid:5 user.read acme") == "factord.conf:2: Allow= names no organization after org:");
  CHECK(allow_fault("uid:5 user.read org:") == "factord.conf:2: Allow= names no organization after org:");
  CHECK(allow_fault("uid:5 user.read org:a:b") == "factord.conf:2: Allow= names no organization after org:");
}

TEST_CASE("a comma at either end of the permissions is a permission left out") {
  for (const char* words : {"user.read,", ",user.read", "user.read,,user.write", ","})
    CHECK(allow_fault(std::string("uid:5 ") + words) == "factord.conf:2: Allow= names an unknown permission: ");
}

TEST_CASE("drop-ins are read after the file, in the order of their names") {
  const Files files;
  files.write("[Totp]\nSkew=1\n[Limits]\nFactorsPerUser=1\n");
  files.drop("20-second.conf", "[Totp]\nSkew=3\n");
  files.drop("10-first.conf", "[Totp]\nSkew=2\n");
  files.drop("notes.txt", "this is not configuration");
  const Config config = files.read();
  CHECK(config.policy.totp_skew == 3);
  CHECK(config.policy.factors_per_user == 1);
}

TEST_CASE("Allow lines of all files add up") {
  const Files files;
  files.write("[Access]\nAllow=uid:1 user.read\nAllow=uid:2 user.read\n");
  files.drop("a.conf", "[Access]\nAllow=uid:3 user.read\n");
  const auto allowances = files.read().allowances;
  REQUIRE(allowances.size() == 3);
  CHECK(allowances[2].uid == uid_t{3});
}

TEST_CASE("a section does not reach into the next file") {
  const Files files;
  files.write("[Totp]\n");
  files.drop("a.conf", "Skew=2\n");
  CHECK(files.fault() == "factord.conf.d/a.conf:1: a key before any section");
}

TEST_CASE("a missing file is an error only where it was asked for; drop-ins count without it") {
  const Files files;
  CHECK(files.fault(Presence::required) == "factord.conf: cannot be opened");
  CHECK(files.fault(Presence::optional).empty());
  files.drop("a.conf", "[Totp]\nSkew=2\n");
  CHECK(files.read(Presence::optional).policy.totp_skew == 2);
}

TEST_CASE("what lies in the place of the folder of drop-ins is not taken for an empty folder") {
  const Files files;
  files.write("");
  tests::write(files.file().string() + ".d", "");
  CHECK(files.fault() == "factord.conf.d: Not a directory");
}

TEST_CASE("a file or drop-in that is there and cannot be read is an error") {
  const Files files;
  std::filesystem::create_symlink("nowhere", files.drop_in("a.conf"));
  CHECK(files.fault(Presence::optional) == "factord.conf.d/a.conf: cannot be opened");
  std::filesystem::remove(files.drop_in("a.conf"));
  std::filesystem::create_directory(files.file());
  CHECK(files.fault(Presence::optional) == "factord.conf:0: cannot be read");
}

TEST_CASE("a folder of drop-ins that cannot be read is an error, a missing one is not") {
  const Files files;
  files.write("[Totp]\nSkew=2\n");
  CHECK(files.read().policy.totp_skew == 2);
  const auto folder = files.file().string() + ".d";
  std::filesystem::create_symlink(folder, folder);  // to itself: not even root gets in
  CHECK(files.fault() == "factord.conf.d: Too many levels of symbolic links");
}

TEST_CASE("a file that cannot be told to be missing is not taken for missing") {
  const Files files;
  std::filesystem::create_symlink(files.file(), files.file());
  CHECK(files.fault(Presence::optional) == "factord.conf: cannot be opened");
}

TEST_CASE("unless it is said otherwise, 64 calls of a connection and 256 of a uid may be under way") {
  const Config config = of("");
  CHECK(config.limits.requests_per_connection == 64);
  CHECK(config.limits.requests_per_uid == 256);
}
