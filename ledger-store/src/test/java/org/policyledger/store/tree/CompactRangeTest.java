package org.policyledger.store.tree;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.policyledger.store.Sha256;

class CompactRangeTest {

    private static final long SEED = 20_261_124;
    private static final List<Sha256> LEAVES = LongStream.range(0, 600)
            .mapToObj(i -> Sha256.ofLeaf(ByteBuffer.allocate(8).putLong(i).array())).toList();

    private static final MerkleTree TREE = new MerkleTree(CompactRangeTest::complete);

    private static Sha256 complete(int level, long index) {
        return level == 0
                ? LEAVES.get((int) index)
                : Sha256.ofNode(complete(level - 1, 2 * index), complete(level - 1, 2 * index + 1));
    }

    @Test
    void givenLeavesInBatchesOfAnySize_whenAdded_thenTheRootIsThatOfTheWholeTreeAtEverySize() {
        Random random = new Random(SEED);
        for (int round = 0; round < 50; round++) {
            CompactRange range = CompactRange.EMPTY;
            while (range.size() < LEAVES.size()) {
                int from = (int) range.size();
                int to = Math.min(LEAVES.size(), from + random.nextInt(40));
                range = CompactRange.of(range.plus(LEAVES.subList(from, to)).bytes());
                assertThat(range.size()).isEqualTo(to);
                assertThat(range.root()).as("seed %d, size %d", SEED, to).isEqualTo(TREE.root(to));
                assertThat(range.bytes()).hasSize(8 + 32 * Integer.bitCount(to));
            }
        }
    }

    @Test
    void givenALeafLeftOutDoubledOrExchanged_whenAdded_thenTheRootIsAnother() {
        Sha256 root = CompactRange.EMPTY.plus(LEAVES).root();
        for (int at = 0; at < LEAVES.size() - 1; at++) {
            List<Sha256> before = LEAVES.subList(0, at);
            List<Sha256> after = LEAVES.subList(at + 1, LEAVES.size());
            CompactRange upTo = CompactRange.EMPTY.plus(before);
            assertThat(upTo.plus(after).root()).as("without %d", at).isNotEqualTo(root);
            assertThat(upTo.plus(List.of(LEAVES.get(at), LEAVES.get(at))).plus(after).root()).as("twice %d", at)
                    .isNotEqualTo(root);
            assertThat(upTo.plus(List.of(LEAVES.get(at + 1), LEAVES.get(at)))
                    .plus(LEAVES.subList(at + 2, LEAVES.size())).root()).as("exchanged %d", at).isNotEqualTo(root);
        }
    }

    @Test
    void givenBytesThatAreNoRange_whenRead_thenTheyAreRefused() {
        byte[] three = CompactRange.EMPTY.plus(LEAVES.subList(0, 3)).bytes();
        for (int length : List.of(0, 7, 8, 9, 40, 71)) {
            assertThatThrownBy(() -> CompactRange.of(Arrays.copyOf(three, length)))
                    .as("%d bytes", length).isInstanceOf(IllegalArgumentException.class);
        }
        assertThat(CompactRange.of(new byte[8])).isEqualTo(CompactRange.EMPTY);
        assertThat(CompactRange.of(three)).isEqualTo(CompactRange.EMPTY.plus(LEAVES.subList(0, 3)))
                .isNotEqualTo(CompactRange.EMPTY.plus(LEAVES.subList(1, 4)));
    }
}
