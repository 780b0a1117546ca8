#pragma once
// How much memory this host can still give.

#include <cstdint>

namespace gasket {

/// Bytes that this process and its neighbours can still take: what the kernel calls available, or less where a control
/// group allows less. The largest number when the system does not say.
std::uint64_t available_memory();

/// Bytes that this process had resident at its peak.
std::uint64_t peak_rss_bytes();

}  // namespace gasket
