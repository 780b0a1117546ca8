// Collectives, messages in pieces, mail and the agreement, over the simulated network under many seeds.

#include <catch2/catch.hpp>
#include <numeric>

#include "partition/comm/exchange.hpp"
#include "partition/comm/simulated_network.hpp"
#include "partition/hash.hpp"

using namespace gasket;

namespace {

// Runs body on 1 to 5 virtual ranks with whole and tiny pieces under some seeds.
void on_many_networks(const std::function<void(Communicator&)>& body) {
  for (const int ranks : {1, 2, 3, 5})
    for (const std::size_t limit : {std::size_t{16}, std::size_t{24}, Communicator::kPieceLimit})
      for (std::uint64_t seed = 0; seed < 8; ++seed) {
        CAPTURE(ranks, limit, seed);
        SimulatedNetwork network({.ranks = ranks, .seed = seed, .longest_delay = 6, .piece_limit = limit});
        REQUIRE_NOTHROW(network.run(body));
      }
}

// Catch's macros are not for several threads: a failed check leaves the virtual rank as an exception.
void check(bool holds, const char* what) {
  if (!holds) throw std::runtime_error(what);
}

}  // namespace

TEST_CASE("collectives give every rank the same, in rank order") {
  on_many_networks([](Communicator& comm) {
    const int p = comm.size(), me = comm.rank();
    const std::vector<int> all = comm.all_gather(me * 10);
    for (int r = 0; r < p; ++r) check(all[static_cast<std::size_t>(r)] == r * 10, "all_gather");
    check(comm.sum(me + 1) == p * (p + 1) / 2, "sum");
    check(comm.max(me) == p - 1, "max");
    check(comm.min(me + 3) == 3, "min");
    check(comm.exclusive_sum(5) == 5u * static_cast<unsigned>(me), "exclusive_sum");
    // Folding in rank order: a fold that does not commute tells.
    struct Word {
      char text[8] = "";
    };
    Word mine;
    mine.text[0] = static_cast<char>('a' + me);
    const Word word = comm.all_reduce(mine, [](Word a, const Word& b) {
      std::strcat(a.text, b.text);
      return a;
    });
    check(std::string(word.text) == std::string("abcde").substr(0, static_cast<std::size_t>(p)), "rank order");

    std::vector<std::uint64_t> list(static_cast<std::size_t>(me) * 7);
    std::iota(list.begin(), list.end(), static_cast<std::uint64_t>(me) * 100);
    const auto lists = comm.all_gather_spans(std::span<const std::uint64_t>(list));
    std::size_t at = 0;
    for (int r = 0; r < p; ++r)
      for (int i = 0; i < 7 * r; ++i) check(lists[at++] == static_cast<std::uint64_t>(100 * r + i), "all_gather_spans");
    check(at == lists.size(), "all_gather_spans size");

    for (int root = 0; root < p; ++root) {
      std::vector<char> text;
      if (me == root) text.assign(33, static_cast<char>('A' + root));
      comm.broadcast(text, root);
      check(text == std::vector<char>(33, static_cast<char>('A' + root)), "broadcast");
    }
    for (const std::size_t length : {0u, 1u, 4u, 103u}) {
      std::vector<std::uint32_t> values(length);
      for (std::size_t i = 0; i < length; ++i)
        values[i] = static_cast<std::uint32_t>(i) + static_cast<std::uint32_t>(me);
      comm.all_reduce_in_place(std::span(values), std::plus<std::uint32_t>());
      for (std::size_t i = 0; i < length; ++i)
        check(values[i] == static_cast<unsigned>(p) * i + static_cast<unsigned>(p * (p - 1) / 2),
              "all_reduce_in_place");
    }
  });
}

TEST_CASE("the time spent in waiting for others is counted") {
  on_many_networks([](Communicator& comm) {
    for (int i = 0; i < 10; ++i) comm.all_gather(i);
    const double waited = comm.waited(), all = comm.sum(waited);
    check(comm.size() == 1 ? all == 0 : all > 0, "waited");
    check(comm.size() == 1 ? comm.waited() == 0 : comm.waited() >= waited, "waited only grows");
  });
}

TEST_CASE("an exchange delivers every bucket whole, of any length") {
  on_many_networks([](Communicator& comm) {
    const auto p = static_cast<std::size_t>(comm.size()), me = static_cast<std::size_t>(comm.rank());
    const auto size = [](std::size_t from, std::size_t to) { return mix(from * 17 + to) % 40; };
    std::vector<BigArray<std::uint64_t>> outgoing;
    for (std::size_t to = 0; to < p; ++to) {
      outgoing.emplace_back(size(me, to));
      for (std::size_t i = 0; i < outgoing.back().size(); ++i) outgoing.back()[i] = mix(me * 1000 + to * 100 + i);
    }
    const auto incoming = exchange(comm, std::move(outgoing));
    for (std::size_t from = 0; from < p; ++from) {
      check(incoming[from].size() == size(from, me), "length");
      for (std::size_t i = 0; i < incoming[from].size(); ++i)
        check(incoming[from][i] == mix(from * 1000 + me * 100 + i), "content");
    }
  });
}

TEST_CASE("mail carries its length, from nothing to the capacity") {
  on_many_networks([](Communicator& comm) {
    const int to = (comm.rank() + 1) % comm.size(), from = (comm.rank() + comm.size() - 1) % comm.size();
    if (comm.size() == 1) return;
    Communicator::Mail mail;
    for (const std::size_t length : {0u, 1u, 7u, 8u, 9u, 16u, 17u, 100u}) {
      comm.start_mail(mail, from, Tag::reduce, 100);
      std::vector<std::byte> frame(Communicator::kMailHeader + length);
      for (std::size_t i = 0; i < length; ++i)
        frame[Communicator::kMailHeader + i] = static_cast<std::byte>(i + length);
      Pending sent = comm.send_mail(to, Tag::reduce, frame);
      comm.wait(mail);
      check(mail.bytes().size() == length, "length");
      for (std::size_t i = 0; i < length; ++i) check(mail.bytes()[i] == static_cast<std::byte>(i + length), "content");
      comm.wait(sent);
    }
  });
}

TEST_CASE("an error on one rank is the same error on all") {
  for (int guilty = 0; guilty < 3; ++guilty) {
    SimulatedNetwork network({.ranks = 3, .seed = 7});
    network.run([&](Communicator& comm) {
      comm.agree([] {});
      try {
        comm.agree([&] {
          if (comm.rank() >= guilty) throw InputError("file " + std::to_string(comm.rank()));
        });
        throw std::runtime_error("agree did not throw");
      } catch (const Error& error) {
        check(error.agreed() && error.code() == ExitCode::bad_input, "kind");
        check(error.what() == "file " + std::to_string(guilty), "the lowest rank's words");
      }
      comm.agree([] {});
    });
  }
}

TEST_CASE("the simulated network reports a wait that cannot end, and repeats a seed") {
  SimulatedNetwork network({.ranks = 2, .seed = 1});
  CHECK_THROWS_WITH(network.run([](Communicator& comm) {
    if (comm.rank() == 1) return;
    int value = 0;
    Pending never = comm.receive(1, Tag::exchange, std::span(&value, 1));
    comm.wait(never);
  }),
                    Catch::Contains("nothing is under way"));

  const auto trace = [](std::uint64_t seed) {
    std::vector<int> order;
    SimulatedNetwork({.ranks = 4, .seed = seed}).run([&](Communicator& comm) {
      for (int i = 0; i < 5; ++i) {
        comm.sum(1);
        order.push_back(comm.rank());
      }
    });
    return order;
  };
  CHECK(trace(3) == trace(3));
  CHECK(trace(3) != trace(4));
}
