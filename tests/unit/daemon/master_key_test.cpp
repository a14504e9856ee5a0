// SPDX-License-Identifier: Apache-2.0
#include "daemon/master_key.hpp"

#include <sys/stat.h>

#include "core/error.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/daemon/environment.hpp"
#include "tests/unit/storage/place.hpp"

using namespace factord;
using namespace factord::daemon;
using factord::tests::CountingRandom;
using factord::tests::Directory;
using factord::tests::Environment;

namespace {

struct Desk {
  Directory directory;
  CountingRandom random;
  Options options{.state_dir = directory.path(), .key_file = directory.path() / "key"};

  std::filesystem::path key_file() const { return *options.key_file; }
  std::optional<core::Secret> key() { return master_key(options, random); }
  std::string refusal() {
    try {
      key();
      return "";
    } catch (const core::Error& error) {
      CHECK(error.code() == core::Code::unavailable);
      return error.cause();
    }
  }
};

}  // namespace

TEST_CASE("a key file of 32 bytes is the key, whatever bytes they are") {
  Desk desk;
  const std::string bytes = std::string("\0\n\xff", 3) + std::string(29, 'k');
  tests::write(desk.key_file(), bytes);
  const auto key = desk.key();
  REQUIRE(key);
  CHECK(key->text() == bytes);
}

TEST_CASE("a key file is made where neither it nor a store exists: 32 random bytes, for the owner's eyes") {
  Desk desk;
  const auto made = desk.key();
  REQUIRE(made);
  CHECK(made->size() == 32);
  CHECK(made->text() != std::string(32, '\0'));
  struct stat status {};
  REQUIRE(stat(desk.key_file().c_str(), &status) == 0);
  CHECK((status.st_mode & 0777) == 0600);
  CHECK(tests::content(desk.key_file()) == made->text());
}

TEST_CASE("a key that was made is read again, not made anew") {
  Desk desk;
  const auto made = desk.key();
  const auto again = desk.key();
  REQUIRE(made);
  REQUIRE(again);
  CHECK(made->text() == again->text());
}

TEST_CASE("over an existing store no key is made") {
  Desk desk;
  tests::write(desk.directory.file(), "a store");
  CHECK_FALSE(desk.key());
  CHECK_FALSE(std::filesystem::exists(desk.key_file()));
}

TEST_CASE("a key file of any other size is refused by its name") {
  const std::size_t size = GENERATE(std::size_t{0}, std::size_t{31}, std::size_t{33}, std::size_t{64});
  Desk desk;
  tests::write(desk.key_file(), std::string(size, 'k'));
  CHECK(desk.refusal() == desk.key_file().string() + ": a master key has exactly 32 bytes");
  CHECK(tests::content(desk.key_file()).size() == size);
}

TEST_CASE("a key file that cannot be read is refused, not replaced") {
  Desk desk;
  std::filesystem::create_directory(desk.key_file());
  CHECK(desk.refusal() == desk.key_file().string() + ": Is a directory");
}

TEST_CASE("no key file is made through a symbolic link") {
  Desk desk;
  std::filesystem::create_symlink(desk.directory.path() / "elsewhere", desk.key_file());
  CHECK_FALSE(desk.refusal().empty());
  CHECK_FALSE(std::filesystem::exists(desk.directory.path() / "elsewhere"));
}

TEST_CASE("without a key file the credential of systemd is the key") {
  Desk desk;
  desk.options.key_file.reset();
  const Environment credentials("CREDENTIALS_DIRECTORY", desk.directory.path().c_str());
  CHECK_FALSE(desk.key());
  tests::write(desk.directory.path() / "factord.master-key", std::string(32, 'c'));
  const auto key = desk.key();
  REQUIRE(key);
  CHECK(key->text() == std::string(32, 'c'));
}

TEST_CASE("a credential is never made") {
  Desk desk;
  desk.options.key_file.reset();
  const Environment credentials("CREDENTIALS_DIRECTORY", desk.directory.path().c_str());
  CHECK_FALSE(desk.key());
  CHECK(std::filesystem::is_empty(desk.directory.path()));
}

TEST_CASE("without key file and credentials there is no key") {
  Desk desk;
  desk.options.key_file.reset();
  const Environment credentials("CREDENTIALS_DIRECTORY", nullptr);
  CHECK_FALSE(desk.key());
}

TEST_CASE("a key file goes before the credential") {
  Desk desk;
  const Environment credentials("CREDENTIALS_DIRECTORY", desk.directory.path().c_str());
  tests::write(desk.directory.path() / "factord.master-key", std::string(32, 'c'));
  tests::write(desk.key_file(), std::string(32, 'f'));
  CHECK(desk.key()->text() == std::string(32, 'f'));
}
