#pragma once
// How the values of some positions of an agreed list travel: only values, with the positions in whichever form is
// shortest: nothing (no position), dense (all of them), a bitmap, or gaps as variable-length numbers. Bits per value:
// bitmap 1/density, gaps 8 and a little; they cross at one position in eight.

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <vector>

#include "partition/error.hpp"

namespace gasket {

enum class Encoding : std::uint8_t { dense = 1, bitmap = 2, gaps = 3 };

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
inline std::size_t gaps_size(std::span<const std::uint32_t> positions, std::size_t limit) {
  if (positions.size() >= limit) return limit;
  std::size_t bytes = 0;
  std::uint32_t next = 0;
  for (const std::uint32_t p : positions) {
    bytes += varint_size(p - next);
    next = p + 1;
  }
  return bytes;
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
/// copyable; an empty T sends positions only. Returns without a byte when there are no positions.
template <class T, class ValueAt>
void encode(std::size_t length, std::span<const std::uint32_t> positions, const ValueAt& value_at,
            std::vector<std::byte>& out) {
  if (positions.empty()) return;
  constexpr std::size_t width = std::is_empty_v<T> ? 0 : sizeof(T);
  const std::size_t bitmap_bytes = (length + 7) / 8;
  const std::size_t gap_bytes = detail::gaps_size(positions, bitmap_bytes);
  const Encoding form = positions.size() == length ? Encoding::dense
                        : gap_bytes < bitmap_bytes ? Encoding::gaps
                                                   : Encoding::bitmap;
  const std::size_t where = form == Encoding::dense ? 0 : form == Encoding::gaps ? gap_bytes : bitmap_bytes;
  const std::size_t start = out.size();
  out.resize(start + 1 + where + positions.size() * width);
  std::byte* at = out.data() + start;
  *at++ = static_cast<std::byte>(form);
  if (form == Encoding::bitmap) {
    std::memset(at, 0, bitmap_bytes);
    for (const std::uint32_t p : positions) at[p / 8] |= static_cast<std::byte>(1u << (p % 8));
    at += bitmap_bytes;
  } else if (form == Encoding::gaps) {
    std::uint32_t next = 0;
    for (const std::uint32_t p : positions) {
      at = detail::put_varint(at, p - next);
      next = p + 1;
    }
  }
  if constexpr (width > 0)
    for (const std::uint32_t p : positions) {
      const T value = value_at(p);
      std::memcpy(at, &value, width);
      at += width;
    }
}

/// Calls take(position, value) for each value of an encoding. Throws Error when the bytes are not one of such a list.
template <class T, class Take>
void decode(std::size_t length, std::span<const std::byte> bytes, const Take& take) {
  if (bytes.empty()) return;
  constexpr std::size_t width = std::is_empty_v<T> ? 0 : sizeof(T);
  const auto damaged = [] {
    throw Error(ExitCode::failure, "a message between ranks is damaged: its length is wrong");
  };
  const std::byte* at = bytes.data() + 1;
  const std::byte* const end = bytes.data() + bytes.size();
  const auto value_at = [&](const std::byte* from) {
    T value{};
    if constexpr (width > 0) std::memcpy(&value, from, width);
    return value;
  };
  switch (static_cast<Encoding>(bytes[0])) {
    case Encoding::dense:
      if (static_cast<std::size_t>(end - at) != length * width) damaged();
      for (std::size_t p = 0; p < length; ++p, at += width) take(p, value_at(at));
      return;
    case Encoding::bitmap: {
      const std::size_t bitmap_bytes = (length + 7) / 8;
      if (static_cast<std::size_t>(end - at) < bitmap_bytes) damaged();
      const std::byte* values = at + bitmap_bytes;
      for (std::size_t b = 0; b < bitmap_bytes; ++b)
        for (unsigned bits = static_cast<unsigned>(at[b]); bits != 0; bits &= bits - 1) {
          const std::size_t p = 8 * b + static_cast<std::size_t>(__builtin_ctz(bits));
          if (p >= length || static_cast<std::size_t>(end - values) < width) damaged();
          take(p, value_at(values));
          values += width;
        }
      if (values != end) damaged();
      return;
    }
    case Encoding::gaps: {
      // The gaps end where the values begin: as many values of `width` as there are gaps.
      std::vector<std::uint32_t> positions;
      std::uint64_t next = 0;
      while (static_cast<std::size_t>(end - at) > positions.size() * width) {
        next += detail::get_varint(at, end);
        if (next >= length) damaged();
        positions.push_back(static_cast<std::uint32_t>(next++));
      }
      if (static_cast<std::size_t>(end - at) != positions.size() * width) damaged();
      for (const std::uint32_t p : positions) {
        take(p, value_at(at));
        at += width;
      }
      return;
    }
  }
  damaged();
}

}  // namespace gasket
