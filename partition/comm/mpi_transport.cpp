#include "partition/comm/mpi_transport.hpp"

#include <fmt/format.h>
#include <mpi.h>
#include <sched.h>

#include <cstring>
#include <limits>
#include <utility>

#include "partition/comm/mpi_check.hpp"
#include "partition/error.hpp"

namespace gasket {
namespace {

static_assert(sizeof(MPI_Request) <= sizeof(std::uint64_t), "a request fits a ticket");

int narrow(std::size_t bytes) {
  if (bytes > static_cast<std::size_t>(std::numeric_limits<int>::max()))
    throw Error(ExitCode::failure, fmt::format("a message of {} bytes was not cut into pieces", bytes));
  return static_cast<int>(bytes);
}

Transport::Ticket ticket_of(MPI_Request request) {
  Transport::Ticket ticket;
  std::memcpy(&ticket.handle, &request, sizeof request);
  ticket.done = false;
  return ticket;
}

}  // namespace

void check_mpi(int code, const char* call) {
  if (code == MPI_SUCCESS) return;
  char text[MPI_MAX_ERROR_STRING] = "";
  int length = 0;
  MPI_Error_string(code, text, &length);
  throw Error(ExitCode::lost_peer, fmt::format("{} failed: {}", call, text));
}

MpiTransport::MpiTransport() {
  check_mpi(MPI_Comm_set_errhandler(MPI_COMM_WORLD, MPI_ERRORS_RETURN), "MPI_Comm_set_errhandler");
  check_mpi(MPI_Comm_rank(MPI_COMM_WORLD, &rank_), "MPI_Comm_rank");
  check_mpi(MPI_Comm_size(MPI_COMM_WORLD, &size_), "MPI_Comm_size");
}

Transport::Ticket MpiTransport::send(int to, Tag tag, std::span<const std::byte> bytes, Sent done_when) {
  MPI_Request request;
  const auto start = done_when == Sent::taken ? MPI_Issend : MPI_Isend;
  check_mpi(start(bytes.data(), narrow(bytes.size()), MPI_BYTE, to, static_cast<int>(tag), MPI_COMM_WORLD, &request),
            done_when == Sent::taken ? "MPI_Issend" : "MPI_Isend");
  return ticket_of(request);
}

Transport::Ticket MpiTransport::receive(int from, Tag tag, std::span<std::byte> into) {
  MPI_Request request;
  check_mpi(
      MPI_Irecv(into.data(), narrow(into.size()), MPI_BYTE, from, static_cast<int>(tag), MPI_COMM_WORLD, &request),
      "MPI_Irecv");
  return ticket_of(request);
}

Transport::Ticket MpiTransport::all_gather(std::span<const std::byte> mine, std::span<std::byte> all) {
  MPI_Request request;
  const int count = narrow(mine.size());
  narrow(all.size());
  check_mpi(MPI_Iallgather(mine.data(), count, MPI_BYTE, all.data(), count, MPI_BYTE, MPI_COMM_WORLD, &request),
            "MPI_Iallgather");
  return ticket_of(request);
}

bool MpiTransport::test(Ticket& ticket) {
  if (ticket.done) return true;
  MPI_Request request;
  std::memcpy(&request, &ticket.handle, sizeof request);
  MPI_Status status;
  int done = 0;
  check_mpi(MPI_Test(&request, &done, &status), "MPI_Test");
  if (!done) return false;
  waiting_ = false;
  int bytes = 0;
  MPI_Get_count(&status, MPI_BYTE, &bytes);
  ticket.received = bytes == MPI_UNDEFINED ? 0 : static_cast<std::size_t>(bytes);
  ticket.done = true;
  return true;
}

void MpiTransport::idle() {
  sched_yield();
  if (patience_ <= 0) return;
  const auto now = std::chrono::steady_clock::now();
  if (!std::exchange(waiting_, true)) waiting_since_ = now;
  if (std::chrono::duration<double>(now - waiting_since_).count() > patience_)
    throw Error(ExitCode::lost_peer, fmt::format("no other rank has sent anything for {:g} s", patience_));
}

}  // namespace gasket
