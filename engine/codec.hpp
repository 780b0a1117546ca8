#pragma once
// How the values of some positions of an agreed list travel: only values, with the positions in whichever form is
// shortest: nothing (no position), dense (all of them), a bitmap, or gaps as variable-length numbers. Bits per value:
// bitmap 1/density, gaps 8 and a little; they cross at one position in eight. Where all values are equal, as in a level of
// a search, one travels.

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <type_traits>
#include <vector>

#include "partition/bits.hpp"
#include "partition/error.hpp"

namespace gasket {

enum class Encoding : std::uint8_t { dense = 1, bitmap = 2, gaps = 3 };
inline constexpr std::uint8_t kOneValue = 128;  // beside the encoding: one value stands for all

/// Ascending positions of a list: themselves.
class PositionList {
 public:
  explicit PositionList(std::span<const std::uint32_t> positions) : positions_(positions) {}
  std::size_t size() const { return positions_.size(); }
  /// Calls visit(position) for each, ascending, until it returns false.
  template <class Visit>
  void visit_while(const Visit& visit) const {
    for (const std::uint32_t p : positions_)
      if (!visit(p)) return;
  }
  void write_bitmap(std::span<std::byte> to) const {
    std::ranges::fill(to, std::byte{0});
    for (const std::uint32_t p : positions_) to[p / 8] |= static_cast<std::byte>(1u << (p % 8));
  }

 private:
  std::span<const std::uint32_t> positions_;
};

/// The same as bits, 64 to a word.
class PositionBits {
 public:
  explicit PositionBits(std::span<const std::uint64_t> words) : words_(words) {
    for (const std::uint64_t word : words) size_ += static_cast<std::size_t>(std::popcount(word));
  }
  std::size_t size() const { return size_; }
  template <class Visit>
  void visit_while(const Visit& visit) const {
    for (std::size_t w = 0; w < words_.size(); ++w)
      for (std::uint64_t bits = words_[w]; bits != 0; bits &= bits - 1)
        if (!visit(static_cast<std::uint32_t>(64 * w + static_cast<std::size_t>(std::countr_zero(bits))))) return;
  }
  void write_bitmap(std::span<std::byte> to) const {
    static_assert(std::endian::native == std::endian::little);
    std::memcpy(to.data(), words_.data(), to.size());
  }

 private:
  std::span<const std::uint64_t> words_;
  std::size_t size_ = 0;
};

namespace detail {

inline std::size_t varint_size(std::uint32_t value) {
  std::size_t bytes = 1;
  for (; value >= 128; value >>= 7) ++bytes;
  return bytes;
}

inline std::byte* put_varint(std::byte* at, std::uint32_t value) {
  for (; value >= 128; value >>= 7) *at++ = static_cast<std::byte>(value | 128);
  *at++ = static_cast<std::byte>(value);
  return at;
}

// Bytes of the gaps between ascending positions; no less than `limit` where they may be more.
template <class Positions>
std::size_t gaps_size(const Positions& positions, std::size_t limit) {
  if (positions.size() >= limit) return limit;
  std::size_t bytes = 0;
  std::uint32_t next = 0;
  positions.visit_while([&](std::uint32_t p) {
    bytes += varint_size(p - next);
    next = p + 1;
    return true;
  });
  return bytes;
}

// Whether there are several values, and all have the same bytes; padding counts, so of types with some it may not be seen.
template <class T, class Positions, class ValueAt>
bool are_equal(const Positions& positions, const ValueAt& value_at) {
  if (std::is_empty_v<T> || positions.size() < 2) return false;
  T first{};
  std::size_t equal = 0;
  positions.visit_while([&](std::uint32_t p) {
    const T value = value_at(p);
    if (equal == 0) first = value;
    return std::memcmp(&first, &value, sizeof(T)) == 0 && ++equal > 0;
  });
  return equal == positions.size();
}

// Reads one number; throws when it runs past the end.
inline std::uint32_t get_varint(const std::byte*& at, const std::byte* end) {
  std::uint32_t value = 0;
  for (int shift = 0; shift < 35; shift += 7) {
    if (at == end) break;
    const auto byte = static_cast<std::uint32_t>(*at++);
    value |= (byte & 127) << shift;
    if (byte < 128) return value;
  }
  throw Error(ExitCode::failure, "a message between ranks is damaged: a position does not end");
}

}  // namespace detail

/// Upper bound of encoded bytes for a list of `length` positions with values of `width` bytes.
constexpr std::size_t max_encoded(std::size_t length, std::size_t width) {
  return 1 + (length + 7) / 8 + length * width;
}

/// Appends the encoding of value_at(position), for ascending `positions` below `length`, to `out`. T is trivially
/// copyable; an empty T sends positions only. Returns without a byte when there are no positions. Whether all values are
/// equal is found out first, so value_at is called twice for some.
template <class T, class Positions, class ValueAt>
void encode(std::size_t length, const Positions& positions, const ValueAt& value_at, std::vector<std::byte>& out) {
  if (positions.size() == 0) return;
  constexpr std::size_t width = std::is_empty_v<T> ? 0 : sizeof(T);
  const bool one = detail::are_equal<T>(positions, value_at);
  const auto count = static_cast<std::uint32_t>(positions.size());
  const std::size_t bitmap_bytes = (length + 7) / 8;
  const std::size_t gap_bytes = detail::gaps_size(positions, bitmap_bytes) + (one ? detail::varint_size(count) : 0);
  const Encoding form = positions.size() == length ? Encoding::dense
                        : gap_bytes < bitmap_bytes ? Encoding::gaps
                                                   : Encoding::bitmap;
  const std::size_t where = form == Encoding::dense ? 0 : form == Encoding::bitmap ? bitmap_bytes : gap_bytes;
  const std::size_t start = out.size();
  out.resize(start + 1 + where + (one ? 1 : positions.size()) * width);
  std::byte* at = out.data() + start;
  *at++ = static_cast<std::byte>(static_cast<std::uint8_t>(form) | (one ? kOneValue : 0));
  if (form == Encoding::bitmap) {
    positions.write_bitmap({at, bitmap_bytes});
    at += bitmap_bytes;
  } else if (form == Encoding::gaps) {
    if (one) at = detail::put_varint(at, count);
    std::uint32_t next = 0;
    positions.visit_while([&](std::uint32_t p) {
      at = detail::put_varint(at, p - next);
      next = p + 1;
      return true;
    });
  }
  if constexpr (width > 0)
    positions.visit_while([&](std::uint32_t p) {
      const T value = value_at(p);
      std::memcpy(at, &value, width);
      at += width;
      return !one;
    });
}

namespace detail {

[[noreturn]] inline void refuse_length() {
  throw Error(ExitCode::failure, "a message between ranks is damaged: its length is wrong");
}

// The values of a message, one after the other.
template <class T>
class EncodedValues {
 public:
  static constexpr std::size_t width = std::is_empty_v<T> ? 0 : sizeof(T);

  // `count` values, or one for all, are all that lies between `at` and `end`.
  EncodedValues(const std::byte* at, const std::byte* end, std::size_t count, bool one)
      : at_(at), step_(one ? 0 : width) {
    const bool none = one && (count == 0 || width == 0);
    if (none || static_cast<std::size_t>(end - at) != (one ? 1 : count) * width) refuse_length();
  }
  T next() {
    T value{};
    if constexpr (width > 0) std::memcpy(&value, at_, width);
    at_ += step_;
    return value;
  }

 private:
  const std::byte* at_;
  std::size_t step_;
};

template <class T, class Take>
void decode_bitmap(std::size_t length, const std::byte* at, const std::byte* end, bool one, const Take& take) {
  const std::size_t bytes = (length + 7) / 8;
  if (static_cast<std::size_t>(end - at) < bytes) refuse_length();
  const auto word = [&](std::size_t w) {
    std::uint64_t bits = 0;
    std::memcpy(&bits, at + 8 * w, std::min<std::size_t>(8, bytes - 8 * w));
    return bits;
  };
  const std::size_t words = (bytes + 7) / 8;
  if (length % 64 != 0 && word(words - 1) >> (length % 64) != 0) refuse_length();
  std::size_t count = 0;
  for (std::size_t w = 0; w < words; ++w) count += static_cast<std::size_t>(std::popcount(word(w)));
  EncodedValues<T> values(at + bytes, end, count, one);
  for (std::size_t w = 0; w < words; ++w)
    for_each_bit(word(w), [&](std::size_t i) { take(64 * w + i, values.next()); });
}

// Gaps end where the values begin: as many values as there are gaps, or one, and then their number comes first.
template <class T, class Take>
void decode_gaps(std::size_t length, const std::byte* at, const std::byte* end, bool one, const Take& take) {
  constexpr std::size_t width = EncodedValues<T>::width;
  std::vector<std::uint32_t> positions;
  const std::size_t count = one ? get_varint(at, end) : 0;
  std::uint64_t next = 0;
  while (one ? positions.size() < count : static_cast<std::size_t>(end - at) > positions.size() * width) {
    next += get_varint(at, end);
    if (next >= length) refuse_length();
    positions.push_back(static_cast<std::uint32_t>(next++));
  }
  EncodedValues<T> values(at, end, positions.size(), one);
  for (const std::uint32_t p : positions) take(p, values.next());
}

}  // namespace detail

/// Calls take(position, value) for each value of an encoding. Throws Error when the bytes are not one of such a list.
template <class T, class Take>
void decode(std::size_t length, std::span<const std::byte> bytes, const Take& take) {
  if (bytes.empty()) return;
  const std::byte* const at = bytes.data() + 1;
  const std::byte* const end = bytes.data() + bytes.size();
  const auto form = static_cast<std::uint8_t>(bytes[0]);
  const bool one = (form & kOneValue) != 0;
  switch (static_cast<Encoding>(form & ~kOneValue)) {
    case Encoding::dense: {
      detail::EncodedValues<T> values(at, end, length, one);
      for (std::size_t p = 0; p < length; ++p) take(p, values.next());
      return;
    }
    case Encoding::bitmap:
      return detail::decode_bitmap<T>(length, at, end, one, take);
    case Encoding::gaps:
      return detail::decode_gaps<T>(length, at, end, one, take);
  }
  detail::refuse_length();
}

}  // namespace gasket
