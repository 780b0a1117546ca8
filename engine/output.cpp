#include "engine/output.hpp"

#include <optional>

namespace gasket::detail {
namespace {

// Sends pieces to rank 0, each after its length; a length of 0 ends them.
void send_text(Communicator& comm, const std::function<bool(fmt::memory_buffer&)>& next) {
  for (bool more = true; more;) {
    fmt::memory_buffer text;
    more = next(text);
    const std::uint64_t length = text.size();
    if (length == 0) continue;
    Pending messages[] = {comm.send(0, Tag::exchange, std::span(&length, 1)),
                          comm.send(0, Tag::exchange, std::span<const char>(text.data(), text.size()))};
    comm.wait_all(messages);
  }
  const std::uint64_t end = 0;
  Pending message = comm.send(0, Tag::exchange, std::span(&end, 1));
  comm.wait(message);
}

void receive_text(Communicator& comm, int from, const std::function<void(std::span<const char>)>& take) {
  std::vector<char> text;
  for (;;) {
    std::uint64_t length = 0;
    Pending header = comm.receive(from, Tag::exchange, std::span(&length, 1));
    comm.wait(header);
    if (length == 0) return;
    text.resize(length);
    Pending body = comm.receive(from, Tag::exchange, std::span(text));
    comm.wait(body);
    take(text);
  }
}

}  // namespace

void write_in_rank_order(Communicator& comm, const std::string& path,
                         const std::function<bool(fmt::memory_buffer&)>& next) {
  std::optional<AtomicFile> file;
  comm.agree([&] {
    if (comm.rank() == 0) file.emplace(path);
  });
  if (comm.rank() != 0) {
    send_text(comm, next);
    comm.agree([] {});
    return;
  }
  // After an error the other ranks' text is still taken in, so that they reach the agreement.
  std::exception_ptr failure;
  const auto write = [&](std::span<const char> text) {
    if (failure) return;
    try {
      file->write({text.data(), text.size()});
    } catch (const Error&) {
      failure = std::current_exception();
    }
  };
  for (bool more = true; more;) {
    fmt::memory_buffer text;
    more = next(text);
    write({text.data(), text.size()});
  }
  for (int r = 1; r < comm.size(); ++r) receive_text(comm, r, write);
  comm.agree([&] {
    if (failure) std::rethrow_exception(failure);
    file->commit();
  });
}

}  // namespace gasket::detail
