// SPDX-License-Identifier: Apache-2.0
// No input makes the verifier allocate more than twice its own size at once, or hold more than five times of it at a
// time. A program of its own, since it counts what the whole program allocates: operator new, malloc as far as our own
// code and the headers in it call it (the linker's --wrap, see meson.build), and OpenSSL.
#include <malloc.h>
#include <openssl/crypto.h>

#include <cstdlib>
#include <new>

#include "tests/support/catch.hpp"
#include "tests/unit/webauthn/expectations.hpp"

namespace {

struct Count {
  std::size_t largest = 0, live = 0, peak = 0;
};
Count count;
bool counting = false;

void* took(void* memory, std::size_t size) {
  if (!counting || memory == nullptr) return memory;
  count.largest = std::max(count.largest, size);
  count.live += malloc_usable_size(memory);
  count.peak = std::max(count.peak, count.live);
  return memory;
}

// What was taken before the count began may be given back during it.
void gives_back(void* memory) {
  if (counting && memory != nullptr) count.live -= std::min(count.live, malloc_usable_size(memory));
}

}  // namespace

extern "C" {
void* __real_malloc(std::size_t size);
void* __real_calloc(std::size_t many, std::size_t size);
void* __real_realloc(void* memory, std::size_t size);
void __real_free(void* memory);

void* __wrap_malloc(std::size_t size) { return took(__real_malloc(size), size); }
void* __wrap_calloc(std::size_t many, std::size_t size) { return took(__real_calloc(many, size), many * size); }
void* __wrap_realloc(void* memory, std::size_t size) {
  gives_back(memory);
  return took(__real_realloc(memory, size), size);
}
void __wrap_free(void* memory) {
  gives_back(memory);
  __real_free(memory);
}
}

void* operator new(std::size_t size) {
  if (void* memory = __wrap_malloc(size)) return memory;
  throw std::bad_alloc();
}
void* operator new[](std::size_t size) { return operator new(size); }
void* operator new(std::size_t size, const std::nothrow_t&) noexcept { return __wrap_malloc(size); }
void* operator new[](std::size_t size, const std::nothrow_t&) noexcept { return __wrap_malloc(size); }
void operator delete(void* memory) noexcept { __wrap_free(memory); }
void operator delete[](void* memory) noexcept { __wrap_free(memory); }
void operator delete(void* memory, std::size_t) noexcept { __wrap_free(memory); }
void operator delete[](void* memory, std::size_t) noexcept { __wrap_free(memory); }

using namespace factord;
using namespace factord::tests;

namespace {

void* openssl_malloc(std::size_t size, const char*, int) { return __wrap_malloc(size); }
void* openssl_realloc(void* memory, std::size_t size, const char*, int) { return __wrap_realloc(memory, size); }
void openssl_free(void* memory, const char*, int) { __wrap_free(memory); }

// OpenSSL takes them only before it has allocated anything, so before main().
const bool counts_openssl = CRYPTO_set_mem_functions(openssl_malloc, openssl_realloc, openssl_free) == 1;

// OpenSSL's own objects have fixed sizes, whatever the input; the largest are contexts of numbers and certificates.
constexpr std::size_t fixed = 4'096;
constexpr std::size_t fixed_in_all = 32'768;

template <typename Function>
Count counted(Function function) {
  count = {};
  counting = true;
  function();
  counting = false;
  return count;
}

std::string registered(const std::string& text) {
  return outcome(webauthn::verify_registration(text, registration_expectations()));
}

std::string asserted(const std::string& text, int algorithm) {
  const Assertion made;
  const webauthn::CredentialRecord record{made.credential_id, key_of(algorithm).cose(), 0, false, std::nullopt};
  const webauthn::AssertionExpectations expected{
      made.challenge, example_org(), webauthn::UserVerification::required, {}, true, ""};
  static webauthn::KeyCache keys(1);  // so that every other algorithm is parsed anew
  const auto read = webauthn::read_assertion(text);
  if (const auto* refusal = std::get_if<webauthn::Refusal>(&read)) return refusal->step;
  return outcome(webauthn::verify_assertion(std::get<webauthn::ReadAssertion>(read), record, expected, keys));
}

// The second time counts: at the first, OpenSSL starts, and what is made once is made.
void check_bounds(const std::string& text, const std::function<std::string()>& judge, const std::string& step) {
  REQUIRE(judge() == step);
  const Count used = counted(judge);
  INFO(text.size() << " bytes of input, at once " << used.largest << ", in all " << used.peak);
  CHECK(used.largest > 0);
  CHECK(used.largest <= std::max(2 * text.size(), fixed));
  CHECK(used.peak <= 5 * text.size() + fixed_in_all);
}

void check_registration(const std::string& text, const std::string& step) {
  check_bounds(
      text, [&] { return registered(text); }, step);
}

void check_assertion(const std::string& text, const std::string& step, int algorithm = es256) {
  check_bounds(
      text, [&] { return asserted(text, algorithm); }, step);
}

// `start`, then `piece` again and again up to `size` bytes, then `end`.
std::string filled(const std::string& start, const std::string& piece, const std::string& end,
                   std::size_t size = 100'000) {
  std::string text = start;
  while (text.size() + piece.size() + end.size() <= size) text += piece;
  return text + end;
}

// A good ceremony's text, with one more member in front.
std::string with_member(const std::string& text, const std::string& member) {
  return "{" + member + "," + text.substr(1);
}

// As short as members can be without one being there twice.
std::string short_members(int many) {
  std::string text;
  for (int i = 0; i < many; ++i) {
    if (i > 0) text += ',';
    text += "\"" + std::string(1, char('A' + i % 26));
    for (int rest = i / 26; rest > 0; rest /= 26) text += char('a' + rest % 26);
    text += "\":0";
  }
  return text;
}

core::Bytes many_items(std::size_t many) {
  core::Bytes out = cbor::head(4, many);
  out.insert(out.end(), many, 0x40);  // empty byte strings
  return out;
}

}  // namespace

TEST_CASE("the count sees every way to allocate") {
  REQUIRE(counts_openssl);
  const std::size_t size = 5 * 100'000;
  CHECK(counted([&] { delete[] new char[size]; }).largest == size);
  CHECK(counted([&] { core::Bytes(size, 1); }).largest == size);
  void* memory = nullptr;
  CHECK(counted([&] { memory = std::malloc(size); }).largest == size);
  CHECK(counted([&] { memory = std::realloc(memory, size + 1); }).largest == size + 1);
  std::free(memory);
  CHECK(counted([&] { OPENSSL_free(OPENSSL_malloc(size)); }).largest == size);
  CHECK(counted([&] { std::vector<std::vector<char>>(1'000, std::vector<char>(500)); }).peak >= size);
}

TEST_CASE("good registrations allocate little, whatever their algorithm") {
  const int algorithm = GENERATE(es256, eddsa, rs256, es384, es512);
  for (const Format format : {Format::none, Format::packed_self, Format::packed_x5c}) {
    Registration made;
    made.format = format;
    check_registration(make_registration(key_of(algorithm), made), "ok");
  }
}

TEST_CASE("good registrations allocate little, whatever their format") {
  Registration made;
  made.format = GENERATE(Format::fido_u2f, Format::tpm, Format::android_key, Format::apple, Format::compound);
  made.certificate = profile_of(made.format);
  INFO(static_cast<int>(made.format));
  check_registration(make_registration(key_of(es256), made), "ok");
}

TEST_CASE("good assertions allocate little, whatever their algorithm") {
  const int algorithm = GENERATE(es256, eddsa, rs256, es384, es512);
  check_assertion(make_assertion(key_of(algorithm), {}), "ok", algorithm);
}

TEST_CASE("what is good and large does not make more of itself") {
  const std::string registration = make_registration(key_of(es256), {});
  const std::string assertion = make_assertion(key_of(eddsa), {});
  const std::string member =
      GENERATE(filled("\"\":\"", "x", "\""), filled("\"\":\"", R"(\u00e9)", "\""), filled("\"", R"(\n)", "\":0"),
               filled("\"\":[0", ",1", "]"), filled("\"\":[{}", ",{}", "]"), filled("\"\":[[]", ",[\"\"]", "]"),
               "\"x\":{" + short_members(12'000) + "}", short_members(12'000));
  INFO(member.substr(0, 20));
  check_registration(with_member(registration, member), "ok");
  check_assertion(with_member(assertion, member), "ok", eddsa);
}

TEST_CASE("JSON that is refused does not make more of itself") {
  const std::string text = GENERATE(
      filled("{\"\":0", ",\"\":0", "}"), filled("{\"\":0", ",\"\":0", ""), filled("{\"a\":", "[", ""),
      filled("{\"a\":", "{\"a\":", ""), filled("{\"\":[0", ",0", "]}", 1'000'000), filled("{\"a\":\"", R"(\")", ""),
      filled("{\"a\":\"", R"(\ud83d\ude00)", "\xff\"}"), filled("{\"type\":[\"\"", ",\"\"", "]}"),
      std::string(100'000, ' '), "{" + short_members(12'000) + ",\"A\":0}");
  INFO(text.substr(0, 20));
  check_registration(text, "3");
  check_assertion(text, "3");
}

TEST_CASE("large members of a registration do not make more of themselves") {
  Registration made;
  std::string step;
  SECTION("transports") {
    made.transports.assign(20'000, "");
    step = "3";
  }
  SECTION("client data, of many members") {
    made.edit_client_data_text = [](std::string& text) { text = with_member(text, short_members(3'500)); };
    step = "ok";
  }
  SECTION("client data, too long") {
    made.edit_client_data_text = [](std::string& text) {
      text = with_member(text, filled("\"\":\"", "x", "\"", 80'000));
    };
    step = "5";
  }
  SECTION("a statement of many items") {
    made.edit_statement = [](cbor::Entries& statement) { statement.emplace_back(cbor::text("a"), many_items(4'000)); };
    step = "8.7";
  }
  SECTION("many certificates that are none") {
    made.format = Format::packed_x5c;
    made.edit_statement = [](cbor::Entries& statement) { statement.back().second = many_items(3'000); };
    step = "8.2";
  }
  SECTION("a certificate that is none") {
    made.format = Format::packed_x5c;
    made.x5c_first = core::Bytes(80'000, 0x30);
    step = "8.2";
  }
  SECTION("extensions of many items") {
    made.extensions = cbor::map({{cbor::text("a"), many_items(4'000)}});
    step = "ok";
  }
  SECTION("a credential id") {
    made.credential_id = core::Bytes(15'000, 1);
    step = "25";
  }
  check_registration(make_registration(key_of(es256), made), step);
}

TEST_CASE("large members of an assertion do not make more of themselves") {
  const int algorithm = GENERATE(es256, eddsa, rs256);
  Assertion made;
  std::string step;
  SECTION("signature") {
    made.edit_signature = [](core::Bytes& signature) { signature.resize(80'000); };
    step = "21";
  }
  SECTION("user handle") {
    made.user_handle = core::Bytes(80'000, 1);
    step = "ok";  // the record has none to compare with
  }
  SECTION("authenticator data") {
    made.extensions = cbor::map({{cbor::text("a"), cbor::bytes(core::Bytes(80'000, 1))}});
    step = "ok";
  }
  check_assertion(make_assertion(key_of(algorithm), made), step, algorithm);
}
