#include "engine/output.hpp"

#include <optional>

#include "partition/comm/ordered_stream.hpp"
#include "partition/io/atomic_file.hpp"

namespace gasket::detail {

void write_in_rank_order(Communicator& comm, const std::string& path,
                         const std::function<bool(fmt::memory_buffer&)>& next) {
  std::optional<AtomicFile> file;
  comm.agree([&] {
    if (comm.rank() == 0) file.emplace(path);
  });
  stream_to_root(comm, next, [&](std::span<const char> text) { file->write({text.data(), text.size()}); });
  comm.agree([&] {
    if (file) file->commit();
  });
}

}  // namespace gasket::detail
