// SPDX-License-Identifier: Apache-2.0
#include "tests/fuzz/ceremony/spellings.hpp"

#include <algorithm>

namespace factord::fuzz {
namespace {

using core::Bytes;
using core::ByteView;
using namespace std::string_literals;

// Members that nobody reads, put before the others.
const std::string good_members[] = {R"("unknown":1e400)",
                                    R"("":"")",
                                    R"("x":"\u0000\ud83d\ude00\"\\\/\b\f\n\r\t")",
                                    R"("x":[[[[[[[[[[[[{"y":[null,true,-0.5e-7]}]]]]]]]]]]]])",
                                    R"("x":18446744073709551616)",
                                    R"("TYPE":"x")",
                                    R"("type ":"x","typ":"x")",
                                    "\"x\":\"\x7f \xc2\xa0\xef\xbf\xbf\xf4\x8f\xbf\xbf\""};

const std::string bad_members[] = {
    // Never the right value: the right one may have been taken away
    R"("type":"password")",
    R"("\u0074ype":"x")",
    R"("x":1,"x":1)",
    R"("x":1,"\u0078":2)",
    R"("x":01)",
    R"("x":+1)",
    R"("x":.5)",
    R"("x":1.)",
    R"("x":1e)",
    R"("x":-)",
    R"("x":0x1)",
    R"("x":NaN)",
    R"("x":Infinity)",
    R"("x":-Infinity)",
    R"("x":'a')",
    R"(x:1)",
    R"("x":tru)",
    R"("x":True)",
    R"("x":nullx)",
    R"("x":"\x41")",
    R"("x":"\ud800")",
    R"("x":"\udc00\ud800")",
    R"("x":"\u12g4")",
    R"("x":"\")",
    "\"x\":\"\t\"",
    "\"x\":\"\0\""s,
    R"("x":[1,])",
    R"("x":[,1])",
    R"("x":{"a":1,})",
    R"("x":[1 2])",
    R"("x"1)",
    R"("x":)",
    R"(:1)",
    R"(,)",
    R"("x":1/**/)",
    R"(#
"x":1)",
    R"("x":[1})",
    R"("x":{"a":1])",
    R"("x":{a:1})",
    "\"x\":\"\n\"",
    "\xc2\xa0\"x\":1"};

// Places where blanks may be: after a bracket or comma that is in no string.
void insert_blanks(std::string& text, Choices& choices) {
  const std::string blanks = choices.of({" ", "\n", "\r\n", "\t \t", "    "});
  std::string out;
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    out += text[i];
    if (text[i] == '\\' && i + 1 < text.size()) out += text[++i];
    if (text[i] == '"') quoted = !quoted;
    if (!quoted && std::string_view("{},:[").find(text[i]) != std::string_view::npos) out += blanks;
  }
  text = blanks + out + blanks;
}

// One letter of a string, as an escape. Letters within a name or a value; never within another escape.
void escape_a_letter(std::string& text, Choices& choices) {
  static constexpr char digits[] = "0123456789abcdef";
  std::vector<std::size_t> letters;
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\') {
      i += text.compare(i, 2, "\\u") == 0 ? 5 : 1;
      continue;
    }
    if (text[i] == '"') quoted = !quoted;
    if (quoted && std::isalpha(static_cast<unsigned char>(text[i])) != 0) letters.push_back(i);
  }
  if (letters.empty()) return;
  const std::size_t at = letters[choices.below(letters.size())];
  const auto letter = static_cast<unsigned char>(text[at]);
  text.replace(at, 1, "\\u00"s + digits[letter >> 4] + digits[letter & 15]);
}

// Behind the bracket that opens the object, which blanks and a byte order mark may precede.
void insert_member(std::string& text, const std::string& member) {
  if (const auto at = text.find('{'); at != std::string::npos) text.insert(at + 1, member + ",");
}

std::string nested(std::size_t depth) { return "\"x\":" + std::string(depth, '[') + std::string(depth, ']'); }

std::string utf_16(const std::string& text) {
  std::string out;
  for (const char c : text) out += {c, '\0'};
  return out;
}

void break_whole(std::string& text, Choices& choices) {
  switch (choices.below(12)) {
    case 0:
      return text.resize(text.size() - std::min(text.size(), 1 + choices.below(text.size() + 1)));
    case 1:
      return text.clear();
    case 2:
      text = "[" + text + "]";
      return;
    case 3:
      text = "\"" + text + "\"";
      return;
    case 4:
      text = utf_16(text);
      return;
    case 5:
      text = text + text;
      return;
    case 6:
      text.insert(0, "\xef\xbb\xbf\xef\xbb\xbf");
      return;
    case 7:
      text = choices.of({"null", "{}x", "[]", "1", "\"\"", "{", "}", "{\"", "\xef\xbb\xbf"});
      return;
    case 8:
      text += '\0';
      return;
    default:
      text += choices.of({"x", ",", "{}", "}", "]", "\"", "null", "//", "\xef\xbb\xbf", "\v"});
  }
}

}  // namespace

void respell_json(std::string& text, Choices& choices) {
  switch (choices.below(4)) {
    case 0:
      return insert_blanks(text, choices);
    case 1:
      return escape_a_letter(text, choices);
    case 2:
      return insert_member(text, choices.of(good_members));
    default:
      return insert_member(text, nested(1 + choices.below(24)));
  }
}

void break_json(std::string& text, Choices& choices) {
  const std::size_t way = choices.below(4);
  if (way == 0) return break_whole(text, choices);
  if (way == 1 && choices.flip()) return insert_member(text, nested(40 + choices.below(4000)));
  insert_member(text, choices.of(bad_members));
}

void break_utf8(std::string& text, Choices& choices) {
  insert_member(text, "\"x\":\"" +
                          choices.of({"\xff", "\x80", "\xc0\xaf", "\xe0\x80\xaf", "\xed\xa0\x80", "\xf4\x90\x80\x80",
                                      "\xf8\x88\x80\x80\x80", "\xc3", "\xe2\x82", "\xf0\x9f\x98"}) +
                          "\"");
}

void break_base64url(std::string& text, Choices& choices) {
  static constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  const std::size_t left_over = text.size() % 4;
  switch (choices.below(4)) {
    case 0:  // padding, right or wrong
      text += choices.flip() || left_over == 0 ? "=" : std::string(4 - left_over, '=');
      return;
    case 1:  // bits that belong to no byte, where there are some
      if (left_over == 2 || left_over == 3)
        text.back() = alphabet[alphabet.find(text.back()) | 1];
      else
        text += left_over == 0 ? "A" : "=";
      return;
    case 2:  // the other alphabet
      if (const auto at = text.find_first_of("-_"); at != std::string::npos)
        text[at] = text[at] == '-' ? '+' : '/';
      else
        text += "+";
      return;
    default:
      text.insert(choices.below(text.size() + 1), choices.of({" ", "\n", ".", "%3D", "\xc3\xa9", "\t", "~", "\\"}));
  }
}

Bytes bad_cbor(ByteView item, Choices& choices) {
  Bytes out(item.begin(), item.end());
  const std::uint8_t major = out[0] & 0xe0, low = out[0] & 0x1f;
  const std::size_t way = choices.below(3);
  if (way == 0) return out.insert(out.begin(), choices.flip() ? 0xc0 : 0xc2), out;  // a tag
  if (way == 1 && major >= 0x40 && major <= 0xa0 && low < 24) {                     // indefinite; of strings, one chunk
    const bool string = major <= 0x60;
    if (string)
      out.insert(out.begin(), static_cast<std::uint8_t>(major | 31));
    else
      out[0] = static_cast<std::uint8_t>(major | 31);
    out.push_back(0xff);
    return out;
  }
  // A head that is longer than it need be
  const std::size_t present = low < 24 ? 0 : std::size_t{1} << (low - 24);
  if (present == 8) return out.insert(out.begin(), 0xc0), out;
  const auto wider = static_cast<std::uint8_t>(low < 24 ? 24 : low + 1);
  if (low < 24)
    out.insert(out.begin() + 1, low);
  else
    out.insert(out.begin() + 1, present, 0);
  out[0] = static_cast<std::uint8_t>(major | wider);
  return out;
}

Entries entries_of(ByteView map) {
  Entries out;
  for (ByteView rest = map.subspan(1); !rest.empty();) {
    Bytes parts[2];
    for (Bytes& part : parts) {
      const unsigned low = rest[0] & 0x1f;
      const std::size_t head = low < 24 ? 1 : low == 24 ? 2 : 3;
      const std::size_t number = low < 24 ? low : low == 24 ? rest[1] : std::size_t{rest[1]} << 8 | rest[2];
      const std::size_t size = head + (rest[0] >> 5 == 2 ? number : 0);
      part.assign(rest.begin(), rest.begin() + static_cast<std::ptrdiff_t>(size));
      rest = rest.subspan(size);
    }
    out.emplace_back(parts[0], parts[1]);
  }
  return out;
}

}  // namespace factord::fuzz
