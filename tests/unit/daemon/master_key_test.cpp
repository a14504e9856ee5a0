// SPDX-License-Identifier: Apache-2.0
#include "daemon/master_key.hpp"

#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

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

// Somebody else makes the key file while this one thinks of a key.
struct Rival final : core::Random {
  explicit Rival(std::filesystem::path key_file) : file(std::move(key_file)) {}
  void fill(std::span<std::uint8_t> bytes) override {
    tests::write(file, std::string(32, 'r'));
    std::ranges::fill(bytes, std::uint8_t{1});
  }
  std::filesystem::path file;
};

mode_t mode_of(const std::filesystem::path& file) {
  struct stat status {};
  REQUIRE(stat(file.c_str(), &status) == 0);
  return status.st_mode & 0777;
}

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

TEST_CASE("what an earlier try has left of a key file is no matter") {
  Desk desk;
  const std::filesystem::path draft = desk.key_file().string() + ".new";
  tests::write(draft, std::string(100, 'x'));
  std::filesystem::permissions(draft, std::filesystem::perms::all);
  const auto made = desk.key();
  REQUIRE(made);
  CHECK(tests::content(desk.key_file()) == made->text());
  CHECK(mode_of(desk.key_file()) == 0600);
  CHECK_FALSE(std::filesystem::exists(draft));
}

TEST_CASE("no key is written through a symbolic link in the place of the draft") {
  Desk desk;
  const auto elsewhere = desk.directory.path() / "elsewhere";
  tests::write(elsewhere, "precious");
  std::filesystem::create_symlink(elsewhere, desk.key_file().string() + ".new");
  CHECK_FALSE(desk.refusal().empty());
  CHECK(tests::content(elsewhere) == "precious");
  CHECK_FALSE(std::filesystem::exists(desk.key_file()));
}

TEST_CASE("a key file that comes up meanwhile is not written over") {
  Desk desk;
  Rival rival(desk.key_file());
  CHECK_THROWS_AS(master_key(desk.options, rival), core::Error);
  CHECK(tests::content(desk.key_file()) == std::string(32, 'r'));
  CHECK_FALSE(std::filesystem::exists(desk.key_file().string() + ".new"));
}

TEST_CASE("who is killed while the key is written leaves no key file, and the next one makes a whole one") {
  Desk desk;
  const int status = tests::in_child([&] {
    const rlimit none{};
    setrlimit(RLIMIT_CORE, &none);
    signal(SIGXFSZ, SIG_DFL);
    setrlimit(RLIMIT_FSIZE, &none);  // the first byte that is written is deadly
    desk.key();
  });
  REQUIRE(WIFSIGNALED(status));
  CHECK(WTERMSIG(status) == SIGXFSZ);
  CHECK_FALSE(std::filesystem::exists(desk.key_file()));
  const auto made = desk.key();
  REQUIRE(made);
  CHECK(tests::content(desk.key_file()) == made->text());
}
