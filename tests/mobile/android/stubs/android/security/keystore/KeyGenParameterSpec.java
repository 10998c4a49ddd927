package android.security.keystore;

import java.security.spec.AlgorithmParameterSpec;

public final class KeyGenParameterSpec implements AlgorithmParameterSpec {
    public final String alias;
    public final int purposes;
    public final String mode;
    public final String padding;
    public final int bits;

    private KeyGenParameterSpec(Builder builder) {
        alias = builder.alias;
        purposes = builder.purposes;
        mode = builder.mode;
        padding = builder.padding;
        bits = builder.bits;
    }

    public static final class Builder {
        private final String alias;
        private final int purposes;
        private String mode;
        private String padding;
        private int bits;

        public Builder(String alias, int purposes) {
            this.alias = alias;
            this.purposes = purposes;
        }

        public Builder setBlockModes(String... modes) {
            mode = modes[0];
            return this;
        }

        public Builder setEncryptionPaddings(String... paddings) {
            padding = paddings[0];
            return this;
        }

        public Builder setKeySize(int bits) {
            this.bits = bits;
            return this;
        }

        public KeyGenParameterSpec build() {
            return new KeyGenParameterSpec(this);
        }
    }
}
