// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/storage/place.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <iterator>
#include <stdexcept>

#include "core/error.hpp"

namespace factord::tests {

Directory::Directory() {
  // In memory where there is such a place: what is tested here does not depend on how long a disk takes to flush.
  const char* const base = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";
  std::string name = std::string(base) + "/factord-storage-XXXXXX";
  if (mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary directory");
  path_ = name;
}

Directory::~Directory() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::map<std::string, std::string> Directory::files() const {
  std::map<std::string, std::string> files;
  for (const auto& entry : std::filesystem::directory_iterator(path_)) {
    if (!entry.path().string().ends_with("-shm")) files[entry.path().filename().string()] = content(entry.path());
  }
  return files;
}

std::string content(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

void write(const std::filesystem::path& file, const std::string& content) {
  std::ofstream(file, std::ios::binary | std::ios::trunc) << content;
}

Place::Place(const std::map<std::string, std::string>& files) {
  for (const auto& [name, bytes] : files) write(directory.path() / name, bytes);
  open();
}

storage::Store& Place::open(const core::Secret* with) {
  store.reset();
  store = storage::Store::open(directory.path(), with == nullptr ? &key : with, {"local", "host.example"}, random);
  return *store;
}

void Place::tamper(const std::string& sql) {
  close();
  storage::Database(directory.file().string(), storage::Database::Access::read_write).execute(sql.c_str());
  open();
}

int in_child(const std::function<void()>& body) {
  const pid_t child = fork();
  if (child == 0) {
    try {
      body();
      _exit(0);
    } catch (...) {
      _exit(1);
    }
  }
  int status = -1;
  waitpid(child, &status, 0);
  return status;
}

std::string failure_of(const std::function<void()>& operation) {
  try {
    operation();
  } catch (const core::Error& error) {
    return error.id();
  }
  return "";
}

std::string cause_of(const std::function<void()>& operation) {
  try {
    operation();
  } catch (const core::Error& error) {
    return error.cause();
  }
  return "";
}

storage::Factor passkey(const std::string& id, const std::string& credential_id) {
  storage::Factor factor;
  factor.id = id;
  factor.kind = storage::Kind::passkey;
  factor.state = storage::State::ready;
  factor.name = "Keyring fob";
  auto& webauthn = factor.webauthn;
  webauthn.domain = "login.example";
  webauthn.user_verification = "required";
  webauthn.credential_id.assign(credential_id.begin(), credential_id.end());
  webauthn.public_key = {0xa5, 0x01, 0x02, 0x03, 0x26};
  webauthn.algorithm = -7;
  webauthn.sign_count = 41;
  webauthn.aaguid = "2fc0579f-8113-47ea-b116-bb5a8db9202a";
  webauthn.attestation = "packed";
  webauthn.transports = {"usb", "nfc"};
  webauthn.user_verified = true;
  webauthn.backed_up = true;
  return factor;
}

storage::Factor totp(const std::string& id) {
  storage::Factor factor;
  factor.id = id;
  factor.kind = storage::Kind::totp;
  factor.state = storage::State::not_ready;
  factor.name = "Phone";
  factor.expires = at(600);
  factor.totp = {"SHA256", 8, 60, {}};
  return factor;
}

core::Bytes seed_of(storage::OwnerView view, const std::string& id) {
  core::Bytes copy;
  view.with_seed(id, [&copy](core::ByteView seed) { copy.assign(seed.begin(), seed.end()); });
  return copy;
}

storage::Factor recovery_codes(const std::string& id) {
  storage::Factor factor;
  factor.id = id;
  factor.kind = storage::Kind::recovery_codes;
  factor.state = storage::State::ready;
  factor.recovery = {core::Bytes(16, 0x5a), 2, 8192, {core::Bytes(16, 1), core::Bytes(16, 2)}};
  return factor;
}

core::Bytes seed() {
  core::Bytes bytes;
  for (int i = 0; i < 20; ++i) bytes.push_back(static_cast<std::uint8_t>(0xc0 + i));
  return bytes;
}

}  // namespace factord::tests
